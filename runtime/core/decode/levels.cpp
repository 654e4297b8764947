// What the decoders of all schemas share: compiled here, for each instruction set, and not with every program.
#include "runtime/core/decode/csv_decoder.h"
#include "runtime/core/decode/json_decoder.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

template struct LineIndex<kBlock>;
template void LineIndex<kBlock>::build<JsonLines>(const char*, std::size_t);
template void LineIndex<kBlock>::build<CsvLines>(const char*, std::size_t);
template class Times<kBlock>;
template class Integers<kBlock, true>;
template class Integers<kBlock, false>;
template bool NumberForms<kBlock>::wrong<true>(int, std::uint8_t*) const;
template bool NumberForms<kBlock>::wrong<false>(int, std::uint8_t*) const;
template class JsonBlock<kBlock>;

}  // namespace GRESS_SIMD_LEVEL

template bool is_utf8<SimdLevel>(const char*, const char*);

}  // namespace gress::decode

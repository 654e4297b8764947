// What the decoders of all schemas share: compiled here, for each instruction set, and not with every program.
#include "runtime/core/decode/csv_decoder.h"
#include "runtime/core/decode/json_decoder.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

template struct LineIndex<kLibraryBlock>;
template void LineIndex<kLibraryBlock>::build<JsonLines>(const char*, std::size_t);
template void LineIndex<kLibraryBlock>::build<CsvLines>(const char*, std::size_t);
template class Times<kLibraryBlock>;
template class Integers<kLibraryBlock, true>;
template class Integers<kLibraryBlock, false>;
template class Decimals<kLibraryBlock, true>;
template class Decimals<kLibraryBlock, false>;
template bool NumberForms<kLibraryBlock>::wrong<true>(int, std::uint8_t*) const;
template bool NumberForms<kLibraryBlock>::wrong<false>(int, std::uint8_t*) const;
template class JsonBlock<kLibraryBlock>;

}  // namespace GRESS_SIMD_LEVEL

template bool is_utf8<SimdLevel>(const char*, const char*);

}  // namespace gress::decode

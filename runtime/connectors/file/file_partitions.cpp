#include "runtime/connectors/file/file_input.h"
#include "runtime/connectors/record_partitions_impl.h"

template class gress::RecordPartitions<gress::file::FileInput>;

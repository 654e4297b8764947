#include "runtime/connectors/record_partitions_impl.h"
#include "runtime/connectors/stdio/stdio.h"

template class gress::RecordPartitions<gress::stdio::StdinInput>;

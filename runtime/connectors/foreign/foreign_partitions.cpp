#include "runtime/connectors/foreign/foreign_input.h"
#include "runtime/connectors/record_partitions_impl.h"

template class gress::RecordPartitions<gress::foreign::ForeignInput>;

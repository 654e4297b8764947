#include "runtime/connectors/kafka/kafka_input.h"
#include "runtime/connectors/record_partitions_impl.h"

template class gress::RecordPartitions<gress::kafka::KafkaInput>;

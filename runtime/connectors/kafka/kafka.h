// What generated code needs of the connector.
#pragma once
#include "runtime/connectors/kafka/kafka_input.h"
#include "runtime/connectors/kafka/kafka_key.h"
#include "runtime/connectors/kafka/kafka_writer.h"

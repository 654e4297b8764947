// Every built-in aggregate, for generated programs.
#pragma once
#include "runtime/core/aggregates/approx_count_distinct.h"
#include "runtime/core/aggregates/approx_quantile.h"
#include "runtime/core/aggregates/avg.h"
#include "runtime/core/aggregates/collect.h"
#include "runtime/core/aggregates/count.h"
#include "runtime/core/aggregates/count_distinct.h"
#include "runtime/core/aggregates/first_last.h"
#include "runtime/core/aggregates/min_by.h"
#include "runtime/core/aggregates/min_max.h"
#include "runtime/core/aggregates/quantile.h"
#include "runtime/core/aggregates/sum.h"
#include "runtime/core/aggregates/variance.h"

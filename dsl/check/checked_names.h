// Names of the checked program's enumerators, shared by its text and JSON forms.
#pragma once
#include "dsl/check/checked.h"

namespace gress::dsl::checked {

const char* name(ExprKind);
const char* name(Scope);
const char* name(Op);
const char* name(Arith);
const char* name(Conversion);
const char* name(JoinKind);
const char* name(WindowKind);
const char* name(CalendarUnit);
const char* name(EmitKind);
const char* name(StreamKind);
const char* name(StreamOrigin);
const char* name(Format);
const char* name(TimeFormat);
const char* name(Kind);

}  // namespace gress::dsl::checked

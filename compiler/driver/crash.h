// What gressc says when it crashes itself: which phase, of which file; exit 70.
#pragma once

namespace gress::driver {

void install_crash_handlers();
/// Names what is going on; texts must outlive it (they are read from a signal handler). Null: nothing.
void crash_context(const char* phase, const char* file);

}  // namespace gress::driver

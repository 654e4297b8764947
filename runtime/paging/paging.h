// State beyond memory, whatever has it (docs/decisions/0024): the heap of a process whose program says `state_memory`. Its
// first part is plain memory; what comes beyond that is mapped from a file, and pages that have been mapped for longest are
// unmapped when the process has more than it may. They lie in the file, or in the system's page cache, and come back when they
// are touched, so no operator knows of it.
//
// Linking it makes jemalloc the process's malloc, with extents from here.
#pragma once
#include <cstddef>

namespace gress::paging {

/// From now on the process holds about `bytes` of memory, besides code and stacks. The file is made in `folder`, has no name
/// there, and goes with the process. To be called once, before state is made. Failure `no_state_file` where it cannot be made.
void begin(const char* folder, std::size_t bytes);

}  // namespace gress::paging

// An address for bind(2) and connect(2): apart, since generated code sees the options of a program and no sockets.
#pragma once
#include <sys/socket.h>

#include "runtime/engine/admin_address.h"

namespace gress::engine {

/// Its length.
socklen_t to_socket_address(const AdminAddress& address, sockaddr_storage& out);

}  // namespace gress::engine

// An image as one file, made without a container engine: an archive of an OCI image layout, which `docker load`, `podman
// load` and `skopeo` (as oci-archive:) read. The same bytes for the same executable and system.
#pragma once
#include <string>

#include "compiler/package/facts.h"
#include "compiler/package/image_tree.h"

namespace gress::package {

std::string oci_archive(const ImageTree&, const Facts&);

}  // namespace gress::package

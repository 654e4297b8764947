# Writes the file by which gressc finds the runtime: `<dir of gressc>/../share/gress/toolchain.conf`, one for the build
# tree and one for the installed tree. It names the headers and every library that a generated program may need; the
# linker takes from the static ones only what the program uses.

# All static libraries made under a directory of this project.
function(gress_static_libraries directory result)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  get_property(folders DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  set(found)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND found ${target})
    endif()
  endforeach()
  foreach(folder IN LISTS folders)
    gress_static_libraries("${folder}" inner)
    list(APPEND found ${inner})
  endforeach()
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

# The libraries outside this project that a target links, directly or not, as files or as `-lNAME`.
function(gress_outer_libraries target result)
  set(found)
  get_target_property(type ${target} TYPE)
  set(links)
  foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
    if(NOT (type STREQUAL "INTERFACE_LIBRARY" AND property STREQUAL "LINK_LIBRARIES"))
      get_target_property(value ${target} ${property})
      if(value)
        list(APPEND links ${value})
      endif()
    endif()
  endforeach()
  get_target_property(imported ${target} IMPORTED)
  if(imported AND NOT type STREQUAL "INTERFACE_LIBRARY")
    list(APPEND found "$<TARGET_LINKER_FILE:${target}>")
  endif()
  foreach(link IN LISTS links)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" link "${link}")
    if(TARGET "${link}")
      # Our own libraries are asked one by one (and two of them use each other).
      if(NOT link MATCHES "^gress_")
        gress_outer_libraries(${link} inner)
        list(APPEND found ${inner})
      endif()
    elseif(link MATCHES "^(/|-l)")
      list(APPEND found "${link}")
    elseif(link MATCHES "^[A-Za-z0-9_.+-]+$" AND NOT link MATCHES "^(-|gress_)")
      list(APPEND found "-l${link}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES found)
  set(${result} "${found}" PARENT_SCOPE)
endfunction()

gress_static_libraries("${PROJECT_SOURCE_DIR}/runtime" GRESS_RUNTIME_LIBRARIES)
set(GRESS_OUTER_LIBRARIES)
foreach(target IN LISTS GRESS_RUNTIME_LIBRARIES)
  gress_outer_libraries(${target} outer)
  list(APPEND GRESS_OUTER_LIBRARIES ${outer})
endforeach()
list(REMOVE_DUPLICATES GRESS_OUTER_LIBRARIES)

# What programs are linked to that embed a pipeline: the libraries, and none of their compile options.
add_library(gress_runtime INTERFACE)
add_library(Gress::runtime ALIAS gress_runtime)
target_include_directories(gress_runtime INTERFACE "${PROJECT_SOURCE_DIR}")
target_link_options(gress_runtime INTERFACE LINKER:--as-needed)
foreach(target IN LISTS GRESS_RUNTIME_LIBRARIES)
  target_link_libraries(gress_runtime INTERFACE $<LINK_ONLY:${target}>)
endforeach()

set(conf_head "# How gressc builds executables; written by CMake. Paths are relative to this file.\nversion = ${PROJECT_VERSION}\ncompiler = ${CMAKE_CXX_COMPILER}\n")
set(conf_tail "")
foreach(library IN LISTS GRESS_OUTER_LIBRARIES)
  string(APPEND conf_tail "link = ${library}\n")
endforeach()
# Sanitized programs are for tests: not optimised, which would take two to four times as long to compile, with lines in what the
# sanitizers say.
set(sanitized_flags ${GRESS_SANITIZER_FLAGS})
if(NOT sanitized_flags)
  set(sanitized_flags -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
endif()
list(APPEND sanitized_flags -O0 -gline-tables-only)
list(TRANSFORM sanitized_flags PREPEND "flag = ")
string(JOIN "\n" sanitized_tail ${sanitized_flags} "")
if(EXISTS "${PROJECT_SOURCE_DIR}/runtime/core/pch.h")
  string(APPEND conf_tail "precompile = runtime/core/pch.h\n")
endif()

set(conf_build "${conf_head}include = ${PROJECT_SOURCE_DIR}\nheaders = $<TARGET_FILE:gress-headers>\n")
set(conf_install "${conf_head}include = ../../include/gress\nheaders = ../../${CMAKE_INSTALL_LIBEXECDIR}/gress/gress-headers\n")
foreach(target IN LISTS GRESS_RUNTIME_LIBRARIES)
  string(APPEND conf_build "library = $<TARGET_FILE:${target}>\n")
  string(APPEND conf_install "library = ../../${CMAKE_INSTALL_LIBDIR}/gress/$<TARGET_FILE_NAME:${target}>\n")
endforeach()
if(GRESS_SANITIZE)
  string(APPEND conf_tail "${sanitized_tail}")
endif()
# Sanitizers have a malloc of their own.
if(NOT GRESS_SANITIZE)
  set(conf_heap "heap = ${GRESS_HEAP}\n")
endif()
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/share/gress/toolchain.conf" CONTENT "${conf_build}${conf_tail}${conf_heap}")
# With GRESS_HOME=BUILD/sanitized programs are compiled with the sanitizers, the libraries are those of this build.
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/sanitized/share/gress/toolchain.conf" CONTENT "${conf_build}${conf_tail}${sanitized_tail}")
# With GRESS_HOME=BUILD/quick programs are not optimised: for tests in which they do little.
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/quick/share/gress/toolchain.conf" CONTENT "${conf_build}${conf_tail}${conf_heap}flag = -O0\n")
# The same of the thread sanitizer, with an engine that is compiled with it (tests/e2e).
if(TARGET gress_engine_tsan)
  string(REPLACE "$<TARGET_FILE:gress_engine>" "$<TARGET_FILE:gress_engine_tsan>" conf_tsan "${conf_build}${conf_tail}")
  file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/tsan/share/gress/toolchain.conf"
    CONTENT "${conf_tsan}flag = -fsanitize=thread\nflag = -O0\nflag = -gline-tables-only\n")
endif()
configure_file("${PROJECT_SOURCE_DIR}/runtime/audit.allow" "${PROJECT_BINARY_DIR}/share/gress/audit.allow" COPYONLY)
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/install/toolchain.conf" CONTENT "${conf_install}${conf_tail}${conf_heap}")

# `gress`: all that a user of the compiler needs, the precompiled header for default flags included.
set(stamp "${PROJECT_BINARY_DIR}/share/gress/precompiled.stamp")
add_custom_command(
  OUTPUT "${stamp}"
  COMMAND gressc precompile
  COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
  DEPENDS gressc gress-headers gress-audit ${GRESS_RUNTIME_LIBRARIES} "${PROJECT_BINARY_DIR}/share/gress/toolchain.conf"
  COMMENT "Precompiling the runtime's headers"
  VERBATIM)
add_custom_target(gress ALL DEPENDS "${stamp}")

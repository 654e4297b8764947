# `cmake --install`: gressc, the runtime's headers and libraries, the package files for find_package(Gress).
include(CMakePackageConfigHelpers)

install(TARGETS gressc RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS gress-headers gress-audit RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/gress")
install(TARGETS ${GRESS_RUNTIME_LIBRARIES} ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/gress")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/runtime" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/gress"
        FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(FILES "${PROJECT_BINARY_DIR}/install/toolchain.conf" "${PROJECT_SOURCE_DIR}/runtime/audit.allow" DESTINATION "${CMAKE_INSTALL_DATADIR}/gress")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/README.md" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/GressConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/install/GressConfig.cmake"
  INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/Gress"
  PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/install/GressConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/install/GressConfig.cmake" "${PROJECT_BINARY_DIR}/install/GressConfigVersion.cmake"
              "${PROJECT_SOURCE_DIR}/cmake/GressPipeline.cmake"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/Gress")

# Completions, where the shells look for them.
foreach(entry "bash|${CMAKE_INSTALL_DATADIR}/bash-completion/completions|gressc"
              "zsh|${CMAKE_INSTALL_DATADIR}/zsh/site-functions|_gressc"
              "fish|${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d|gressc.fish")
  string(REPLACE "|" ";" parts "${entry}")
  list(GET parts 0 shell)
  list(GET parts 1 folder)
  list(GET parts 2 name)
  set(file "${PROJECT_BINARY_DIR}/install/${shell}/${name}")
  add_custom_command(OUTPUT "${file}"
    COMMAND gressc completions ${shell} -o "${file}" DEPENDS gressc VERBATIM)
  list(APPEND completion_files "${file}")
  install(FILES "${file}" DESTINATION "${folder}")
endforeach()
add_custom_target(gress_completions ALL DEPENDS ${completion_files})

# The header precompiled in the place where it will be used; not in a staging folder, whose paths are not the final ones.
install(CODE "
  if(NOT DEFINED ENV{DESTDIR})
    execute_process(COMMAND \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/gressc\" precompile)
  endif()")

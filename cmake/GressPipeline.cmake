# gress_add_pipeline(<target> SOURCES <program> [<used>...]
#                    [LIBRARY] [PARAMS <name>=<value>...] [INCLUDES <folder>...] [DEFINES <name>[=<value>]...]
#                    [LINK <library>...] [OPTIONS <option>...] [TESTS] [EXCLUDE_FROM_ALL])
#
# Builds the executable <target> from a program, or a library of it for a host program. docs/cmake.md says what each
# argument does.

# The caller's policies do not reach in: before CMP0116 a depfile's paths have another meaning.
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

function(gress_add_pipeline target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "LIBRARY;TESTS;EXCLUDE_FROM_ALL" "" "SOURCES;PARAMS;INCLUDES;DEFINES;LINK;OPTIONS")
  gress_check_arguments("${target}")

  list(TRANSFORM arg_SOURCES REPLACE "^([^/$].*)$" "${CMAKE_CURRENT_SOURCE_DIR}/\\1" OUTPUT_VARIABLE sources)
  list(GET sources 0 program)

  # The folder of executables, one a configuration where there are several. A library has one of its own, with its header.
  set(folder "${CMAKE_CURRENT_BINARY_DIR}")
  if(arg_LIBRARY)
    string(APPEND folder "/${target}_library")
  elseif(CMAKE_RUNTIME_OUTPUT_DIRECTORY)
    cmake_path(ABSOLUTE_PATH CMAKE_RUNTIME_OUTPUT_DIRECTORY BASE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}" OUTPUT_VARIABLE folder)
  endif()
  string(REPLACE "$<CONFIG>" "" rest "${folder}")
  if(rest MATCHES "\\$<")
    message(FATAL_ERROR "gress_add_pipeline(${target}): CMAKE_RUNTIME_OUTPUT_DIRECTORY is `${CMAKE_RUNTIME_OUTPUT_DIRECTORY}`: "
                        "of generator expressions it may hold `$<CONFIG>` only")
  endif()
  get_property(several GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT several)
    string(REPLACE "$<CONFIG>" "${CMAKE_BUILD_TYPE}" folder "${folder}")
  elseif(rest STREQUAL folder)
    string(APPEND folder "/$<CONFIG>")
  endif()
  if(several)
    set(depfile "${CMAKE_CURRENT_BINARY_DIR}/${target}.$<CONFIG>.d")
  else()
    set(depfile "${CMAKE_CURRENT_BINARY_DIR}/${target}.d")
  endif()
  set(output "${folder}/${target}")
  set(outputs "${output}")
  if(arg_LIBRARY)
    set(output "${folder}/lib${target}.a")
    set(outputs "${output}" "${folder}/${target}.h")
  endif()

  gress_own_cpp()
  gress_compiler(gressc build_gressc options)
  list(APPEND options "$<$<BOOL:${arg_LIBRARY}>:--library>" ${header_options} ${arg_OPTIONS})
  if(NOT arg_LIBRARY)
    list(APPEND options ${link_options})  # the host program links what a library needs
  endif()
  add_custom_command(OUTPUT ${outputs}
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
    COMMAND ${gressc} build "${program}" -o "${output}" --depfile "${depfile}" "$<$<CONFIG:Debug>:--debug>" ${options}
    DEPENDS ${sources} ${build_gressc} ${linked_targets}
    DEPFILE "${depfile}"
    COMMENT "Building pipeline ${target}"
    COMMAND_EXPAND_LISTS VERBATIM)

  set(all ALL)
  if(arg_EXCLUDE_FROM_ALL)
    set(all)
  endif()
  # The output as a source: as DEPENDS it would be taken for the target below, which depends on this one.
  add_custom_target(${target}_build ${all} SOURCES ${sources} ${outputs})

  # What commands, tests, links, and $<TARGET_FILE:> know by the target's name.
  if(arg_LIBRARY)
    add_library(${target} STATIC IMPORTED GLOBAL)
    foreach(configuration IN LISTS CMAKE_CONFIGURATION_TYPES ITEMS "${CMAKE_BUILD_TYPE}")
      string(REPLACE "$<CONFIG>" "${configuration}" location "${folder}")
      file(MAKE_DIRECTORY "${location}")  # it has to be there before something is built into it
    endforeach()
    cmake_path(GET program PARENT_PATH program_folder)  # where its C++ headers are found from
    target_include_directories(${target} INTERFACE "${folder}" "${program_folder}" ${includes})
    target_compile_definitions(${target} INTERFACE ${arg_DEFINES})
    target_compile_features(${target} INTERFACE cxx_std_20)
    target_link_libraries(${target} INTERFACE ${links} Gress::runtime)
  else()
    add_executable(${target} IMPORTED GLOBAL)
  endif()
  if(several)
    foreach(configuration IN LISTS CMAKE_CONFIGURATION_TYPES)
      string(TOUPPER "${configuration}" upper)
      string(REPLACE "$<CONFIG>" "${configuration}" location "${output}")
      set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_${upper} "${location}")
    endforeach()
    set_target_properties(${target} PROPERTIES IMPORTED_CONFIGURATIONS "${CMAKE_CONFIGURATION_TYPES}")
  else()
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${output}")
  endif()
  add_dependencies(${target} ${target}_build)

  if(NOT arg_LIBRARY)
    list(TRANSFORM arg_PARAMS PREPEND "--param=" OUTPUT_VARIABLE params)
    add_custom_target(${target}_run
      COMMAND "${output}" ${params}
      WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
      USES_TERMINAL VERBATIM)
    add_dependencies(${target}_run ${target}_build)
  endif()

  if(arg_TESTS)
    # They run where the build runs, even when the executable is for another machine.
    add_test(NAME ${target}.tests
      COMMAND "$<TARGET_FILE:Gress::gressc>" test "${program}" ${header_options} ${link_options}
      WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
      COMMAND_EXPAND_LISTS)
    set_tests_properties(${target}.tests PROPERTIES LABELS gress)
  endif()
endfunction()

# Refuses, in words of the caller's, what cmake_parse_arguments left over.
macro(gress_check_arguments target)
  if(TARGET "${target}")
    message(FATAL_ERROR "gress_add_pipeline: there is a target `${target}` already")
  endif()
  if(NOT "${target}" MATCHES "^[A-Za-z0-9_][A-Za-z0-9_.+-]*$")
    message(FATAL_ERROR "gress_add_pipeline: `${target}` is no name for a target: it has letters, digits and `_.+-`")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gress_add_pipeline(${target}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}\n"
                        "It takes SOURCES, LIBRARY, PARAMS, INCLUDES, DEFINES, LINK, OPTIONS, TESTS and EXCLUDE_FROM_ALL")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "gress_add_pipeline(${target}): nothing follows ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "gress_add_pipeline(${target}): SOURCES is missing: the program, then the files it uses if you like")
  endif()
  if(arg_LIBRARY AND arg_PARAMS)
    message(FATAL_ERROR "gress_add_pipeline(${target}): PARAMS are of executables: a LIBRARY gets its params from the host program")
  endif()
  if(arg_LIBRARY AND NOT CMAKE_CXX_COMPILER_LOADED)
    message(FATAL_ERROR "gress_add_pipeline(${target}): a LIBRARY is for a program in C++: enable the language CXX in project()")
  endif()
  foreach(param IN LISTS arg_PARAMS)
    if(NOT param MATCHES "^[A-Za-z_][A-Za-z0-9_]*=")
      message(FATAL_ERROR "gress_add_pipeline(${target}): `${param}` is no param: write NAME=VALUE")
    endif()
  endforeach()
endmacro()

# What the program's C++ headers need, as options of gressc and for a LIBRARY's host. A target among LINK brings along what those
# who link it are compiled with.
macro(gress_own_cpp)
  list(TRANSFORM arg_INCLUDES REPLACE "^([^/$].*)$" "${CMAKE_CURRENT_SOURCE_DIR}/\\1" OUTPUT_VARIABLE includes)
  set(defines ${arg_DEFINES})
  set(links)
  set(link_options)
  set(linked_targets)
  foreach(link IN LISTS arg_LINK)
    if(TARGET "${link}")
      list(APPEND links "${link}")
      list(APPEND includes "$<TARGET_PROPERTY:${link},INTERFACE_INCLUDE_DIRECTORIES>")
      list(APPEND defines "$<TARGET_PROPERTY:${link},INTERFACE_COMPILE_DEFINITIONS>")
      get_target_property(type "${link}" TYPE)
      if(NOT type STREQUAL INTERFACE_LIBRARY)
        list(APPEND link_options "--link=$<TARGET_FILE:${link}>")
        list(APPEND linked_targets "${link}")
      endif()
    else()
      if(link MATCHES "^[^/$]" AND link MATCHES "/|\\.(a|o|so)$")
        set(link "${CMAKE_CURRENT_SOURCE_DIR}/${link}")
      endif()
      list(APPEND links "${link}")
      gress_each(link_options --link "${link}")
    endif()
  endforeach()
  set(header_options)
  foreach(include IN LISTS includes)
    gress_each(header_options --include "${include}")
  endforeach()
  foreach(define IN LISTS defines)
    gress_each(header_options --define "${define}")
  endforeach()
endmacro()

# Appends an option for a value, or for each of those that a generator expression gives.
function(gress_each list option value)
  if(value MATCHES "\\$<")
    set(given "$<$<BOOL:${value}>:${option}=$<JOIN:${value},$<SEMICOLON>${option}=>>")
  else()
    set(given "${option}=${value}")
  endif()
  set(${list} ${${list}} "${given}" PARENT_SCOPE)
endfunction()

# How gressc is called, what has to be built or unchanged for it, and the options that the target machine asks for.
function(gress_compiler call depends options)
  if(NOT TARGET Gress::gressc)
    message(FATAL_ERROR "gress_add_pipeline: say find_package(Gress) before, in this folder or above")
  endif()
  set(${call} "$<TARGET_FILE:Gress::gressc>" PARENT_SCOPE)
  set(${depends} "$<TARGET_FILE:Gress::gressc>" PARENT_SCOPE)
  set(${options} PARENT_SCOPE)
  get_target_property(imported Gress::gressc IMPORTED)
  if(NOT imported)
    set(${depends} "$<TARGET_FILE:Gress::gressc>" gress PARENT_SCOPE)  # with its runtime, from this very build
  elseif(CMAKE_CROSSCOMPILING)
    # gressc of this machine; headers, libraries and C++ compiler of the other.
    set(${call} "${CMAKE_COMMAND}" -E env "GRESS_HOME=${Gress_HOME}" "$<TARGET_FILE:Gress::gressc>" PARENT_SCOPE)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
      set(cpu armv8-a)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
      set(cpu x86-64-v2)
    else()
      message(FATAL_ERROR "gress_add_pipeline: programs are for x86_64 and aarch64, not for `${CMAKE_SYSTEM_PROCESSOR}`")
    endif()
    set(${options} --cxx "${CMAKE_CXX_COMPILER}" --cpu ${cpu} PARENT_SCOPE)
  endif()
endfunction()

cmake_policy(POP)

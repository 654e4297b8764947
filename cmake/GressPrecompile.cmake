# System headers that most files read, parsed once. No header of ours is among them: nothing is compiled anew that did not
# change, and the preset `asan` compiles without them, so that a file says itself what it includes.

# ccache takes part when it is told that the time and the macros of a precompiled header do not matter.
if(GRESS_CCACHE AND CMAKE_CXX_COMPILER_LAUNCHER STREQUAL GRESS_CCACHE AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${GRESS_CCACHE}")
endif()

set(GRESS_COMMON_HEADERS <algorithm> <cstdint> <filesystem> <functional> <map> <memory> <optional> <set> <string> <string_view>
    <unordered_map> <utility> <variant> <vector>)

# gress_precompile(FIRST HEADERS header… [REUSED_BY target…]): the headers for the target FIRST, and for others that are
# compiled by the same options.
function(gress_precompile first)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;REUSED_BY")
  target_precompile_headers(${first} PRIVATE ${arg_HEADERS})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${first} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
  foreach(target IN LISTS arg_REUSED_BY)
    target_precompile_headers(${target} REUSE_FROM ${first})
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    endif()
  endforeach()
endfunction()

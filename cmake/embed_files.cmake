# Writes a C++ file that holds files as text: cmake -DOUTPUT=x.cpp -DFUNCTION=error_pages "-DFILES=a|b" -DROOT=dir -P …
# Each file is named by its path below ROOT.
set(entries "")
string(REPLACE "|" ";" files "${FILES}")
foreach(file IN LISTS files)
  file(READ "${file}" hex HEX)
  string(LENGTH "${hex}" length)
  math(EXPR length "${length} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" text "${hex}")
  file(RELATIVE_PATH name "${ROOT}" "${file}")
  string(APPEND entries "    {\"${name}\", {\"${text}\", ${length}}},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Written by the build.
#include \"compiler/driver/embedded.h\"

namespace gress::driver {

std::span<const EmbeddedFile> ${FUNCTION}() {
  static constexpr EmbeddedFile files[] = {
${entries}    {\"\", \"\"},
  };
  return {files, sizeof files / sizeof files[0] - 1};
}

}  // namespace gress::driver
")

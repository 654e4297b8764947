// gressc: the compiler of Gress.
#include <new>

#include "compiler/driver/command_line.h"
#include "compiler/driver/crash.h"

namespace {

/// The format of messages must be known even when the command line cannot be understood.
void find_format(const std::vector<std::string>& words, gress::driver::Settings& settings) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    std::string value;
    if (words[i].starts_with("--message-format="))
      value = words[i].substr(17);
    else if (words[i] == "--message-format" && i + 1 < words.size())
      value = words[i + 1];
    if (value == "json" || value == "short" || value == "human") settings.message_format = value;
    if (words[i].starts_with("--color="))
      settings.color = words[i].substr(8);
    else if (words[i] == "--color" && i + 1 < words.size())
      settings.color = words[i + 1];
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace gress::driver;
  install_crash_handlers();
  std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  Settings settings;
  find_format(words, settings);
  try {
    return run_command_line(std::move(words), settings);
  } catch (const Failure& failure) {
    say(settings, failure);
    return failure.exit_code;
  } catch (const std::bad_alloc&) {
    say_error(settings, "out of memory");
    return gress::toolchain::exit_io;
  } catch (const std::exception& error) {
    say_error(settings, std::string("internal error: ") + error.what() + "; this is a bug of gressc");
    return gress::toolchain::exit_internal;
  }
}

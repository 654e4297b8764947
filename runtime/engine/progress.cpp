#include "runtime/engine/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "runtime/engine/count_text.h"

namespace gress::engine {
namespace {

Progress* g_current = nullptr;
void clear_current() {
  if (g_current) g_current->clear();
}

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 100;
}

bool wants_escapes() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return isatty(STDERR_FILENO) && (!no_colour || !*no_colour) && term && std::strcmp(term, "dumb") != 0;
}

}  // namespace

Progress::Progress(const Runtime& runtime, const ProgramInfo& program)
    : runtime_(runtime), program_(program.name), last_(steady_micros()) {
  const Options& o = runtime.options();
  if (o.quiet || o.log_format == log::Format::json) return;
  shown_ = o.progress == Show::always ||
           (o.progress == Show::automatic && isatty(STDERR_FILENO) && !runtime.writes_to_terminal());
  if (!shown_) return;
  escapes_ = wants_escapes();
  g_current = this;
  log::set_before_write(clear_current);
}

Progress::~Progress() {
  clear();
  if (g_current != this) return;
  g_current = nullptr;
  log::set_before_write(nullptr);
}

std::string Progress::line(std::int64_t now, const std::string& held) {
  std::uint64_t rows = 0, invalid = 0, late = 0;
  std::int64_t watermark = INT64_MAX;
  for (const SourceCounters& s : runtime_.sources()) {
    rows += s.rows.get();
    invalid += s.invalid.get();
    watermark = std::min(watermark, s.watermark.get());
  }
  for (const OperatorCounters& o : runtime_.operators()) late += o.late.get();
  const double seconds = static_cast<double>(std::max<std::int64_t>(now - last_, 1)) / 1e6;
  const double rate = static_cast<double>(rows - last_rows_) / seconds;
  rate_ = rate_ == 0 ? rate : 0.6 * rate_ + 0.4 * rate;
  last_rows_ = rows;
  std::string text = program_;
  text += "  " + grouped(rows) + " rows  " + short_count(rate_) + " rows/s";
  if (watermark != INT64_MAX && watermark != INT64_MIN) text += "  watermark " + time_text(watermark);
  if (!held.empty()) text += "  " + held;
  if (late) text += "  late " + grouped(late);
  if (invalid) text += "  invalid " + grouped(invalid);
  return text;
}

void Progress::tick(std::int64_t now, const std::string& held) {
  if (!shown_ || now - last_ < kPeriod) return;
  std::string text = line(now, held);
  last_ = now;
  if (!isatty(STDERR_FILENO)) {
    log::write_raw(text + "\n");
    return;
  }
  text.resize(std::min(text.size(), terminal_columns() - 1));
  const std::size_t columns = text.size();
  if (escapes_) {
    text = "\r\x1b[2m" + text + "\x1b[0m\x1b[K";
  } else {
    if (columns < drawn_) text.append(drawn_ - columns, ' ');
    text.insert(0, "\r");
  }
  drawn_ = columns;
  log::write_raw(text);
}

void Progress::clear() {
  const std::size_t drawn = drawn_.exchange(0);
  if (drawn == 0) return;
  log::write_raw(escapes_ ? std::string("\r\x1b[K") : "\r" + std::string(drawn, ' ') + "\r");
}

}  // namespace gress::engine

#include "compiler/codegen/window_form.h"

#include "compiler/codegen/expr.h"

namespace gress::codegen {

using namespace dsl::checked;

bool WindowForm::sliced() const {
  return !plan::is_revised(window) && (window.kind == WindowKind::sliding || window.kind == WindowKind::cumulative);
}
std::string WindowForm::calendar() const {
  return fmt::format("CalendarUnits{{fn::CalendarUnit::{}, {}}}", unit_name(), window.zone == nullptr ? "&fn::utc()" : zone_pointer());
}
std::string WindowForm::zone_pointer() const { return zone_global(u, window.zone).substr(1); }
const char* WindowForm::unit_name() const {
  static constexpr const char* kUnits[] = {"none", "hour", "day", "week", "month", "quarter", "year"};
  return kUnits[static_cast<int>(window.unit)];
}

std::string WindowForm::geometry() const {
  const bool calendars = window.unit != CalendarUnit::none;
  switch (window.kind) {
    case WindowKind::tumbling: return calendars ? "CalendarTumbling<CalendarUnits>" : "Tumbling";
    case WindowKind::sliding: return sliced() ? "SlidingSlices" : "Sliding";
    case WindowKind::cumulative:
      if (calendars) return sliced() ? "CalendarSlices<CalendarUnits>" : "CalendarCumulative<CalendarUnits>";
      return sliced() ? "CumulativeSlices" : "Cumulative";
    default: return "Global";
  }
}

std::string WindowForm::operator_type(const std::string& spec) const {
  switch (window.kind) {
    case WindowKind::session: return fmt::format("SessionWindow<{}, {}>", spec, plan::is_revised(window));
    case WindowKind::count: return fmt::format("CountWindow<{}>", spec);
    case WindowKind::global:
      if (window.retain != nullptr) return fmt::format("CountWindow<{}>", spec);
      [[fallthrough]];
    default:
      return fmt::format("{}<{}, {}>", sliced() ? "SlicedWindow" : plan::is_revised(window) ? "RevisedWindow" : "WindowAggregate", spec, geometry());
  }
}

std::string WindowForm::revision() const {
  if (!plan::is_revised(window)) return "";
  return fmt::format(", Revision{{{}, {}, {}}}", emit_option(u, window.late, "0"),
                     window.emit == EmitKind::every ? emit_option(u, window.emit_every, "0") : "0",
                     window.emit == EmitKind::on_count ? emit_option(u, window.emit_every, "0") : "0");
}

std::string WindowForm::form() const {
  const std::string offset = emit_option(u, window.offset, "0");
  switch (window.kind) {
    case WindowKind::session:
      return fmt::format("SessionForm{{{}, {}}}{}", emit_option(u, window.gap, "0"), emit_option(u, window.max, "0"), revision());
    case WindowKind::count: {
      const std::string size = emit_option(u, window.size, "1");
      return fmt::format("CountForm{{{}, {}, {}}}", size, emit_option(u, window.every, size), emit_option(u, window.retain, "kEndOfTime"));
    }
    case WindowKind::global:
      if (window.retain != nullptr) return fmt::format("CountForm{{kEndOfTime, kEndOfTime, {}}}", emit_option(u, window.retain, "kEndOfTime"));
      return "Global{}" + revision();
    case WindowKind::tumbling:
      if (window.unit != CalendarUnit::none) return fmt::format("{}{{{}, {}}}{}", geometry(), calendar(), offset, revision());
      return fmt::format("Tumbling{{{}, {}}}{}", emit_option(u, window.size, "1"), offset, revision());
    case WindowKind::sliding:
      return fmt::format("{}{{{}, {}, {}}}{}", geometry(), emit_option(u, window.size, "1"), emit_option(u, window.every, "1"), offset, revision());
    case WindowKind::cumulative:
      if (window.unit != CalendarUnit::none)
        return fmt::format("{}{{{}, {}, {}}}{}", geometry(), calendar(), emit_option(u, window.every, "1"), offset, revision());
      return fmt::format("{}{{{}, {}, {}}}{}", geometry(), emit_option(u, window.size, "1"), emit_option(u, window.every, "1"), offset, revision());
  }
  return "";
}

}  // namespace gress::codegen

// The last steps: which streams reach a sink or a test, those that nobody reads, and an order in which inputs come
// before their readers.
#include "dsl/check/program.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

class Finish {
 public:
  explicit Finish(Context& c) : c_(c), p_(c.program) {}

  void run() {
    for (const auto& sink : p_.sinks) use(sink.stream);
    for (const auto& test : p_.tests)
      for (const auto& s : test.steps)
        if (const auto* expect = std::get_if<TestExpect>(&s.node)) use(expect->stream);
    // A misspelt name would leave others unread: said once the rest is right.
    if (!c_.diagnostics.has_errors()) warn();
    order();
  }

 private:
  void use(Index i) {
    if (i == kNone || p_.streams[i].used) return;
    p_.streams[i].used = true;
    for (Index input : p_.streams[i].inputs) use(input);
    for (Index input : p_.streams[i].joined) use(input);
    if (p_.streams[i].origin == StreamOrigin::late) use(p_.streams[i].late_stream);
    if (p_.streams[i].origin == StreamOrigin::invalid)
      for (const auto& s : p_.sources)
        if (s.invalid == i || s.unknown_to == i) {
          use(s.stream);
          for (const auto& c : s.cases) use(c.stream);
        }
  }

  void warn() {
    for (Index i = 0; i < p_.streams.size(); ++i) {
      const Stream& s = p_.streams[i];
      if (c_.read.contains(i) || s.used || (s.union_case != kNone && (s.union_case != 0 || reads_case(s.source)))) continue;
      auto& d = c_.report(Code::W0201, s.range, std::string("nobody reads the ") + (s.origin == StreamOrigin::source ? "source " : "stream ") + quote(s.union_case == kNone ? s.name : p_.sources[s.source].name));
      d.under(s.origin == StreamOrigin::late      ? "late rows go here and are lost"
              : s.origin == StreamOrigin::invalid ? "invalid rows go here and are lost"
                                                  : "is not computed");
      d.help("write it somewhere: `sink " + s.name + " to file { path: \"" + s.name + ".jsonl\", format: json }`, or remove it");
    }
  }

  /// Of a union one case that is read will do: the others are there for the watermark.
  bool reads_case(Index source) const {
    for (const auto& c : p_.sources[source].cases)
      if (c_.read.contains(c.stream)) return true;
    return false;
  }

  // ---- order
  void visit(Index i) {
    if (seen_[i]) return;
    seen_[i] = true;  // cycles have been reported
    const Stream& s = p_.streams[i];
    for (Index input : s.inputs) visit(input);
    for (Index input : s.joined) visit(input);
    if (s.origin == StreamOrigin::late && s.late_stream != kNone) visit(s.late_stream);
    for (const auto& sink : p_.sinks)
      if (sink.rejected == i) visit(sink.stream);
    order_.push_back(i);
  }

  void order() {
    seen_.assign(p_.streams.size(), false);
    for (Index i = 0; i < p_.streams.size(); ++i) visit(i);
    std::vector<Index> to(p_.streams.size());
    for (Index k = 0; k < order_.size(); ++k) to[order_[k]] = k;
    auto move = [&](Index& i) { if (i != kNone) i = to[i]; };
    std::vector<Stream> streams;
    for (Index i : order_) streams.push_back(std::move(p_.streams[i]));
    for (auto& s : streams) {
      move(s.late_stream);
      for (auto& input : s.inputs) move(input);
      for (auto& input : s.joined) move(input);
      for (auto& stage : s.stages) {
        if (auto* a = std::get_if<Aggregate>(&stage.node); a && a->window) move(a->window->late_to);
        if (auto* t = std::get_if<Top>(&stage.node); t && t->window) move(t->window->late_to);
        if (auto* l = std::get_if<Latest>(&stage.node); l && l->window) move(l->window->late_to);
        if (auto* o = std::get_if<InOrder>(&stage.node)) move(o->late_to);
        if (auto* j = std::get_if<StreamJoin>(&stage.node)) {
          move(j->right);
          move(j->late_left);
          move(j->late_right);
        }
      }
    }
    p_.streams = std::move(streams);
    for (auto& s : p_.sources) {
      move(s.stream);
      move(s.invalid);
      move(s.unknown_to);
      for (auto& c : s.cases) move(c.stream);
    }
    for (auto& s : p_.sinks) {
      move(s.stream);
      move(s.rejected);
      if (s.window) move(s.window->late_to);
    }
    move(p_.errors);
    for (auto& test : p_.tests)
      for (auto& s : test.steps) {
        if (auto* feed = std::get_if<TestFeed>(&s.node)) move(feed->stream);
        if (auto* expect = std::get_if<TestExpect>(&s.node)) move(expect->stream);
      }
  }

  Context& c_;
  Program& p_;
  std::vector<bool> seen_;
  std::vector<Index> order_;
};

}  // namespace

void finish(Context& c) { Finish(c).run(); }

}  // namespace gress::dsl::detail

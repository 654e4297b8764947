#include "compiler/audit/reader/walk.h"

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace gress::audit {

namespace {

template <std::size_t n>
bool one_of(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What a function is that the audit looks for.
std::optional<Kind> known_kind(std::string_view name) {
  static constexpr std::array<std::string_view, 12> allocates = {
      "malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "posix_memalign", "memalign", "valloc", "strdup", "strndup", "mmap", "mremap"};
  static constexpr std::array<std::string_view, 17> locks = {
      "pthread_mutex_lock", "pthread_mutex_trylock", "pthread_mutex_timedlock", "pthread_mutex_clocklock", "pthread_rwlock_rdlock",
      "pthread_rwlock_wrlock", "pthread_rwlock_tryrdlock", "pthread_rwlock_trywrlock", "pthread_spin_lock", "pthread_cond_wait",
      "pthread_cond_timedwait", "pthread_cond_clockwait", "pthread_barrier_wait", "sem_wait", "sem_timedwait", "mtx_lock",
      "__cxa_guard_acquire"};
  if (name.starts_with("_Znw") || name.starts_with("_Zna") || one_of(allocates, name)) return Kind::allocation;
  if (name.starts_with("_ZNSt18condition_variable4wait") || name.starts_with("__gthread_mutex_lock") || one_of(locks, name)) return Kind::lock;
  return std::nullopt;
}

struct Reached {
  const Function* function;
  std::size_t from;  // which called it; of roots itself
  const Site* by = nullptr;
  std::string owner = {};  // itself; of code of the standard library, who called into it
};

bool of_standard_library(const std::string& plain_name) {
  return plain_name.starts_with("std::") || plain_name.starts_with("__gnu_cxx::") || plain_name.starts_with("__gthread_");
}

class Walk {
 public:
  Walk(const std::function<const Function*(const std::string&)>& find, std::vector<Allowance>& allowances)
      : find_(find), allowances_(allowances) {}

  Walked run(const std::vector<std::string>& roots) {
    for (const std::string& root : roots)
      if (const Function* function = find_(root); function != nullptr && seen_.insert(root).second)
        reached_.push_back({function, reached_.size(), nullptr, root});
    for (std::size_t i = 0; i != reached_.size(); ++i)
      for (const Site& site : reached_[i].function->sites) look(i, site);
    out_.functions = reached_.size();
    return std::move(out_);
  }

 private:
  void look(std::size_t i, const Site& site) {
    if (passes_over(i, site)) return;
    switch (site.what) {
      case Site::What::virtual_call: return found(i, site, Kind::indirect, "a virtual call");
      case Site::What::pointer_call: return found(i, site, Kind::indirect, "a call through a pointer");
      case Site::What::caught: return found(i, site, Kind::caught, "an exception that is caught");
      case Site::What::assembly: return found(i, site, Kind::unseen, "assembly within C++");
      case Site::What::call: break;
    }
    const std::string name = plain_name(site.callee);
    if (const auto kind = known_kind(site.callee)) return found(i, site, *kind, "a call of `" + name + "`");
    // What the standard library does for somebody counts as theirs: a vector may grow in one place and not in another.
    const bool standard = of_standard_library(name);
    const std::string owner = standard ? owner_of(i, site) : site.callee;
    const std::string key = standard ? site.callee + ' ' + owner : site.callee;
    if (seen_.contains(key) || leads_nowhere(name)) return;
    const Function* function = find_(site.callee);
    if (function == nullptr) return found(i, site, Kind::unseen, "a call of `" + name + "`, of which there is no code to look into", &name);
    seen_.insert(key);
    if (function->cold) {
      out_.cold.push_back(name);
      return;
    }
    if (function->unread) found(i, site, Kind::unseen, "a call of `" + name + "`, of which not all code can be read", &name);
    reached_.push_back({function, i, &site, owner});
  }

  /// Who is asked about what a site calls of the standard library: the innermost function of anybody else, inlined or not.
  std::string owner_of(std::size_t i, const Site& site) const {
    for (const Place& place : site.at)
      if (!of_standard_library(place.function)) return reached_[i].function->name + ' ' + place.function;
    return reached_[i].owner;
  }
  /// Code that may do anything.
  bool passes_over(std::size_t i, const Site& site) {
    return std::any_of(allowances_.begin(), allowances_.end(), [&](Allowance& entry) { return entry.kinds.empty() && fits(entry, i, site); });
  }
  /// Functions that may.
  bool leads_nowhere(const std::string& name) {
    for (Allowance& entry : allowances_) {
      if (!entry.kinds.empty() || !entry.fits(name)) continue;
      ++entry.used;
      return true;
    }
    return false;
  }
  /// `any` speaks of all that happens within a function, the others of its own code alone: what is inlined into it has its
  /// own name. Code of the standard library is its caller's.
  bool fits(Allowance& entry, std::size_t i, const Site& site) {
    for (const Site* at = &site;; at = reached_[i].by, i = reached_[i].from) {
      for (const Place& place : at->at) {
        if (entry.fits(place.function)) {
          ++entry.used;
          return true;
        }
        if (!entry.kinds.empty() && !of_standard_library(place.function)) return false;
      }
      if (reached_[i].owner == reached_[i].function->name) return false;
    }
  }

  void found(std::size_t i, const Site& site, Kind kind, std::string what, const std::string* callee = nullptr) {
    for (Allowance& entry : allowances_) {
      if (entry.kinds.empty() || !entry.of(kind)) continue;
      if (fits(entry, i, site)) return;
      if (callee == nullptr || !entry.fits(*callee)) continue;
      ++entry.used;
      return;
    }
    Finding finding{kind, std::move(what), site.at};
    for (std::size_t at = i; reached_[at].by != nullptr; at = reached_[at].from) {
      const std::vector<Place>& places = reached_[at].by->at;
      finding.chain.insert(finding.chain.end(), places.begin(), places.end());
    }
    std::reverse(finding.chain.begin(), finding.chain.end());
    // Once for each place outside of the standard library.
    const auto last = std::find_if(finding.chain.rbegin(), finding.chain.rend(), [](const Place& p) { return !of_standard_library(p.function); });
    const Place& own = last == finding.chain.rend() ? finding.chain.back() : *last;
    if (said_.emplace(kind, finding.what, own.function, own.file, own.line).second) out_.findings.push_back(std::move(finding));
  }

  const std::function<const Function*(const std::string&)>& find_;
  std::vector<Allowance>& allowances_;
  std::deque<Reached> reached_;
  std::set<std::string> seen_;
  std::set<std::tuple<Kind, std::string, std::string, std::string, unsigned>> said_;
  Walked out_;
};

}  // namespace

Walked walk(const std::vector<std::string>& roots, const std::function<const Function*(const std::string&)>& find,
            std::vector<Allowance>& allowances) {
  return Walk(find, allowances).run(roots);
}

}  // namespace gress::audit

// The owner of one object, for templates that are compiled with every program: what std::unique_ptr does, at a fraction of
// the classes and functions that a compiler has to make for it.
#pragma once
#include <utility>

namespace gress {

template <class T>
class Owned {
 public:
  static constexpr bool kMovesAsBytes = true;

  Owned() = default;
  explicit Owned(T* object) : object_(object) {}
  Owned(Owned&& o) noexcept : object_(o.release()) {}
  Owned& operator=(Owned&& o) noexcept {
    T* old = object_;
    object_ = o.release();
    if (old != object_) delete old;
    return *this;
  }
  ~Owned() { delete object_; }

  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  T* release() {
    T* object = object_;
    object_ = nullptr;
    return object;
  }

 private:
  T* object_ = nullptr;
};

}  // namespace gress

#pragma once
// A value that a process has in common with those that are forked from it later: fork() copies all other
// memory. Ownership: the object owns the memory in its own process; a forked copy of the object refers to the
// same value. Thread rule: that of T, which must not need more than memory (std::atomic, ProcessMutex).

#include <pthread.h>
#include <sys/mman.h>

#include <cerrno>
#include <new>
#include <type_traits>

namespace synscope::engine {

template <class T>
class Shared {
  public:
    static_assert(std::is_trivially_destructible_v<T>, "another process may be using it");

    Shared() {
        void* memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc{};
        value_ = ::new (memory) T;
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() { ::munmap(value_, sizeof(T)); }

    T& operator*() const noexcept { return *value_; }
    T* operator->() const noexcept { return value_; }

  private:
    T* value_;
};

/// A mutex for processes. One that dies with the lock leaves it to the next: what is guarded must make sense
/// after every single step. Its memory goes with Shared's.
class ProcessMutex {
  public:
    ProcessMutex() noexcept {
        pthread_mutexattr_t how;
        ::pthread_mutexattr_init(&how);
        ::pthread_mutexattr_setpshared(&how, PTHREAD_PROCESS_SHARED);
        ::pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
        ::pthread_mutex_init(&mutex_, &how);
        ::pthread_mutexattr_destroy(&how);
    }
    void lock() noexcept {
        if (::pthread_mutex_lock(&mutex_) == EOWNERDEAD) ::pthread_mutex_consistent(&mutex_);
    }
    void unlock() noexcept { ::pthread_mutex_unlock(&mutex_); }

  private:
    pthread_mutex_t mutex_;
};

}  // namespace synscope::engine

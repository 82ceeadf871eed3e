#pragma once
// A program written as one straight line: a coroutine that the compiler makes into a state machine. Nothing
// here knows what it waits for; that is whoever's business who resumes it (sim/run/process.hpp in virtual
// time, net/host/crowd.hpp on real sockets).
//
// A loop that awaits tasks which never wait grows the stack in builds without optimisation, where GCC makes
// no tail calls: such a loop awaits what it waits for itself.
//
//   Task<void> hello(Process& me) { co_await me.sleep(Duration::milliseconds(1)); }
//   Task<void> task = hello(me);
//   task.start();                 // runs to the first wait; whoever ends the wait goes on from there
//
// A task starts when it is awaited (or by start()), and is destroyed with its frame and everything it awaits
// at any time. Exceptions do not leave it. Ownership: the Task owns its frame; references given to a
// coroutine must outlive it. Thread rule: one thread.

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace synscope {

template <class T>
class Task;

namespace detail {

struct PromiseBase {
    std::coroutine_handle<> continuation;  ///< who awaits this task

    struct Final {
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        template <class Promise>
        [[nodiscard]] std::coroutine_handle<> await_suspend(
            std::coroutine_handle<Promise> self) const noexcept {
            const std::coroutine_handle<> next = self.promise().continuation;
            return next ? next : std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] Final final_suspend() const noexcept { return {}; }
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;
    [[nodiscard]] Task<T> get_return_object() noexcept;
    void return_value(T result) { value.emplace(std::move(result)); }
    [[nodiscard]] T take() { return std::move(*value); }
};

template <>
struct Promise<void> : PromiseBase {
    [[nodiscard]] Task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const noexcept {}
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
  public:
    // NOLINTNEXTLINE(readability-identifier-naming): the language asks for this name
    using promise_type = detail::Promise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    Task() = default;
    explicit Task(Handle handle) noexcept : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    void start() { handle_.resume(); }
    [[nodiscard]] bool done() const noexcept { return !handle_ || handle_.done(); }

    // ---- awaited by another task
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        handle_.promise().continuation = awaiting;
        return handle_;
    }
    T await_resume() { return handle_.promise().take(); }

  private:
    Handle handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
    return Task<T>{std::coroutine_handle<Promise>::from_promise(*this)};
}
inline Task<void> Promise<void>::get_return_object() noexcept {
    return Task<void>{std::coroutine_handle<Promise>::from_promise(*this)};
}

}  // namespace detail

}  // namespace synscope

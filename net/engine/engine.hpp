#pragma once
// How a server waits. The common interface is the whole server: an engine is given a listener and runs until
// it is told to stop, in its own words and its own calls. It moves bytes and readiness; what the bytes mean
// is the host's business.
//
//     auto engine = find_engine("epoll-et")->make();
//     engine->run({listener, host, stop, calls, 65536});
//
// Each engine is one file of 80 to 200 lines that is meant to be read. It declares what it can do, and the
// tests hold it to that. Ownership: run() takes nothing but the listener; everything else outlives it. Thread
// rule: run() is called once, by one thread; the threads it makes have ended when it returns.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/engine/socket.hpp"
#include "net/engine/stop.hpp"

namespace synscope::engine {

/// What a connection wants of its engine now.
struct Demand {
    bool read = true;         ///< false while it holds so much output that it must not take more input
    bool write = false;       ///< output() is not empty
    bool half_close = false;  ///< everything is written: shut the sending side down, then call half_closed()
    bool close = false;       ///< everything is written, and that was all
};

/// One accepted connection, above the socket. The engine destroys it after before_close(), or at once when
/// the connection broke. The functions may take long where the scenario says so, and then block whatever the
/// engine lets them block.
class Connection {
  public:
    virtual ~Connection() = default;
    /// As of the last call on this object.
    [[nodiscard]] const Demand& demand() const noexcept { return demand_; }
    /// The engine turns to a connection that may be readable.
    void before_read() {
        if (busy_before_read_) be_busy_before_read();
    }
    virtual void on_bytes(ByteSpan bytes) = 0;
    virtual void on_eof() = 0;
    /// What is to be sent next; holds until the next call on this object.
    [[nodiscard]] ByteSpan output() const noexcept { return output_; }
    /// How many of output()'s bytes are its first message: who sends datagrams sends each message alone.
    [[nodiscard]] virtual std::size_t first_message() const { return SIZE_MAX; }
    virtual void sent(std::size_t bytes) = 0;
    virtual void half_closed() = 0;
    virtual void before_close() = 0;
    /// Adds to the output what other connections have left for this one, after ConnectionHost::take_woken
    /// named it or own_wake_fd() became readable. What there is no room for follows by itself, as the output
    /// is sent.
    virtual void collect() = 0;
    /// For an engine that gives this connection a thread of its own: readable when others have left something
    /// for it. From the first call on take_woken() does not name it any more. Nothing where connections leave
    /// nothing for each other.
    [[nodiscard]] virtual std::optional<int> own_wake_fd() = 0;

  protected:
    Connection() = default;
    virtual void be_busy_before_read() {}

    // Kept here and not asked for: what an engine looks at several times a turn. Every function that changes
    // one of them leaves it true.
    Demand demand_;
    bool busy_before_read_ = false;  ///< be_busy_before_read() does something
    ByteSpan output_;
};

class ConnectionHost {
  public:
    virtual ~ConnectionHost() = default;
    /// A connection was accepted; `socket` outlives the connection. Called by the thread that will serve it.
    [[nodiscard]] virtual std::unique_ptr<Connection> open(Socket& socket) = 0;
    /// Readable when take_woken() has something: output that came from another connection. The one wake-up of
    /// an engine that serves all from one thread.
    [[nodiscard]] virtual int wake_fd() const = 0;
    /// The connections that have new output, and makes wake_fd() unreadable.
    [[nodiscard]] virtual std::vector<SocketId> take_woken() = 0;
    /// Something worth telling that is no event of its own: "out of descriptors".
    virtual void note(Severity severity, std::string_view text) = 0;
};

/// Threads of `thread-pool`, processes of `prefork`.
inline constexpr std::size_t kPoolSize = 4;

enum class ClientsAtOnce : std::uint8_t {
    One,
    PoolSize,
    SelectLimit,      ///< those whose descriptor is below FD_SETSIZE (1024)
    DescriptorLimit,  ///< one descriptor for each, of those that the process may have
    Many,             ///< no descriptor, or none of the same process
};
/// What one client that connects and says nothing does to the others.
enum class SilentClient : std::uint8_t { BlocksEveryone, HoldsOneWorker, HarmsNobody };
struct Properties {
    ClientsAtOnce clients = ClientsAtOnce::One;
    /// Its clients live in one memory. False: it makes processes, and must be run by one that has no threads.
    bool shared_state = true;
    SilentClient silent_client = SilentClient::BlocksEveryone;
    bool datagrams = false;  ///< serves datagrams (UDP) and no connections
    /// It waits for StopSignal::fd() and force_fd() beside its sockets: no other thread has to reach it.
    bool watches_stop = false;
};
/// For a table: "one", "pool of 4", "descriptor limit", "many"; "blocks everyone", ...
[[nodiscard]] std::string_view clients_at_once_text(ClientsAtOnce clients) noexcept;
[[nodiscard]] std::string_view silent_client_text(SilentClient effect) noexcept;

/// What an engine is given to run.
struct Run {
    Socket& listener;  ///< listening, or bound where it serves datagrams; blocking; the engine closes it
    ConnectionHost& host;
    StopSignal& stop;
    Calls& calls;
    std::size_t read_size = 65536;  ///< bytes asked for in one recv()
};

class Engine {
  public:
    virtual ~Engine() = default;
    /// Serves until stopped and drained. Fails when it cannot start, or the listener itself fails.
    virtual Result<void, OsError> run(const Run& run) = 0;
};

struct EngineInfo {
    std::string_view name;
    std::string_view sentence;
    Properties properties;
    /// Why it cannot run on this machine; nothing when it can.
    std::optional<std::string> (*unavailable)() = nullptr;
    std::unique_ptr<Engine> (*make)() = nullptr;
};
/// All engines, in the order in which they are taught.
[[nodiscard]] std::span<const EngineInfo> engines() noexcept;
/// Null when there is none of that name.
[[nodiscard]] const EngineInfo* find_engine(std::string_view name) noexcept;

// One file each.
[[nodiscard]] std::unique_ptr<Engine> make_blocking();
[[nodiscard]] std::unique_ptr<Engine> make_thread();
[[nodiscard]] std::unique_ptr<Engine> make_thread_pool();
[[nodiscard]] std::unique_ptr<Engine> make_fork();
[[nodiscard]] std::unique_ptr<Engine> make_prefork();
[[nodiscard]] std::unique_ptr<Engine> make_nonblocking();
[[nodiscard]] std::unique_ptr<Engine> make_select();
[[nodiscard]] std::unique_ptr<Engine> make_poll();
[[nodiscard]] std::unique_ptr<Engine> make_epoll_lt();
[[nodiscard]] std::unique_ptr<Engine> make_epoll_et();
[[nodiscard]] std::unique_ptr<Engine> make_sigio();
[[nodiscard]] std::unique_ptr<Engine> make_udp();
[[nodiscard]] std::unique_ptr<Engine> make_io_uring();
[[nodiscard]] std::optional<std::string> io_uring_unavailable();
[[nodiscard]] std::unique_ptr<Engine> make_coroutine();

}  // namespace synscope::engine

#pragma once
// A scenario's server in virtual time: one client at a time, as the engine `blocking`, or an event loop, as
// all others: the same service, framing and conversation as on real sockets. With a script instead of a
// service every connection is led by one: one after the other, or each by a thread of its own. Ownership:
// everything given outlives it. Thread rule: one world, one thread.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/calls.hpp"
#include "sim/run/directory.hpp"
#include "sim/run/script.hpp"
#include "sim/run/talk.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::sim {

/// What a server asks of the run around it.
class ServerHome {
  public:
    virtual ~ServerHome() = default;
    /// One more thread on the same host, which leads `socket` by the server's script.
    virtual void lead(const SimSocket& socket, std::size_t accepted) = 0;
    /// A script of this server failed.
    virtual void failed(UserError error) = 0;
};

struct ServerSetup {
    Calls& calls;
    Directory& directory;
    ServerHome& home;
    const scenario::Server& server;
    const service::ServiceInfo* service = nullptr;  ///< null: the script
    const framing::FramingInfo& framing;
    std::vector<const framing::FramingInfo*>
        overrides{};  ///< for the first, second, ... connection; null: none
    int line = 0;
};

class Server final : public TalkHome {
  public:
    explicit Server(const ServerSetup& setup);
    ~Server() override;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Binds, listens and serves for ever. What it cannot begin is told to its home.
    Task<void> run();
    /// Leads one accepted connection by the script; a thread of its own calls it with its own calls.
    static Task<void> lead(const ServerSetup& setup, Calls& calls, SimSocket socket, std::size_t accepted);

  private:
    struct Client {
        SimSocket socket;
        std::unique_ptr<Talk> talk;
        bool peer_is_done = false;
    };
    Task<bool> listen();
    Task<void> serve_one_by_one();
    Task<void> serve_by_events();
    Task<bool> converse(Client& client);
    Task<void> accept_all();
    Task<bool> serve_ready(Client& client);
    Task<bool> write_output(Client& client, bool wait);
    Task<void> take(Client& client, ByteSpan bytes);
    Task<void> hang_up(Client& client);
    [[nodiscard]] const framing::FramingInfo& framing_of(std::size_t accepted) const;
    void deliver_messages();
    [[nodiscard]] std::optional<service::Refusal> why_not_to(service::ConnectionKey to) const override;

    ServerSetup setup_;
    Calls& calls_;
    SimSocket listener_;
    std::unique_ptr<service::Service> service_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::byte> buffer_;
    std::size_t accepted_ = 0;
};

}  // namespace synscope::sim

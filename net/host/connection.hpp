#pragma once
// A server's connections on real sockets: each a service::Conversation with files, commands and messages to
// other connections around it. Thread rule: Connections is shared by the engine's
// threads; each connection is used by one thread at a time.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/engine/engine.hpp"
#include "net/framing/framing.hpp"
#include "net/host/deadlines.hpp"
#include "net/host/files.hpp"
#include "net/host/outbox.hpp"
#include "net/service/service.hpp"
#include "sim/scenario/scenario.hpp"

namespace synscope::host {

/// What the connections of one server have in common.
struct ConnectionSetup {
    const scenario::Server& server;
    const service::ServiceInfo& info;
    service::Service& service;
    const framing::FramingInfo& framing;
    std::vector<const framing::FramingInfo*>
        overrides;  ///< for the first, second, ... connection; null: none
    engine::Calls& calls;
    int stop_fd = -1;  ///< cuts being busy short
    int root_fd = -1;
    const std::vector<std::vector<std::string>>& commands;
    UploadLimits uploads{};
};

class Connections final : public engine::ConnectionHost {
  public:
    explicit Connections(const ConnectionSetup& setup) : setup_(setup), deadlines_(setup.calls) {}

    std::unique_ptr<engine::Connection> open(engine::Socket& socket) override;
    int wake_fd() const override { return outboxes_.wake_fd(); }
    std::vector<SocketId> take_woken() override { return outboxes_.take_woken(); }
    void note(Severity severity, std::string_view text) override;

    /// For its connections.
    [[nodiscard]] const ConnectionSetup& setup() const noexcept { return setup_; }
    [[nodiscard]] Outboxes& outboxes() noexcept { return outboxes_; }
    [[nodiscard]] Deadlines& deadlines() noexcept { return deadlines_; }
    /// Held around every call of a service whose sessions share state; else owns nothing.
    [[nodiscard]] std::unique_lock<std::mutex> service_turn();

  private:
    ConnectionSetup setup_;
    Outboxes outboxes_;
    std::mutex service_mutex_;
    Deadlines deadlines_;
    engine::Shared<std::atomic<std::size_t>> accepted_;  ///< also by processes of the engine's
};

}  // namespace synscope::host

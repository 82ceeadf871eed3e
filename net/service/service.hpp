#pragma once
// What a server does with bytes. A Service is one server's shared state, a Session one connection's; neither
// does any I/O (see effects.hpp), so the same service runs under every engine, in the simulator and in a test
// without a socket.
//
//     auto service = find_service("upper")->make();
//     auto session = service->open(key, peer);
//     session->on_message(bytes, effects);       // effects: reply "HELLO"
//
// Whether a message is a framed body or just what one read returned is the connection's framing's business
// (net/framing), not the service's. Ownership: a session may refer to its service and never outlives it.
// Thread rule: one call at a time per session; for a service that shares state, one call at a time
// altogether. The caller sees to both.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/base/address.hpp"
#include "net/framing/framing.hpp"
#include "net/service/effects.hpp"

namespace synscope::service {

class Session {
  public:
    virtual ~Session() = default;
    /// Called first: whether messages come and go whole (a framing marks them), or are what reads returned.
    virtual void on_boundaries(bool whole_messages);
    /// The connection is there; a service that speaks first speaks here.
    virtual void on_open(Effects& effects);
    /// A framed body, or without framing the bytes of one read. Never empty without framing.
    virtual void on_message(ByteSpan message, Effects& effects) = 0;
    /// The peer will send no more. Without an override: close once everything is written.
    virtual void on_eof(Effects& effects);
    /// What came of a request of this session.
    virtual void on_effect_result(const EffectResult& result, Effects& effects);
};

class Service {
  public:
    virtual ~Service() = default;
    virtual std::unique_ptr<Session> open(ConnectionKey key, const Endpoint& peer) = 0;
};

struct ServiceInfo {
    std::string_view name;
    std::string_view sentence;
    /// Sessions see each other (a chat): an engine whose clients share no memory cannot run it truly.
    bool shares_state = false;
    /// Its messages are datagrams (UDP) and not the messages of a stream: it needs an engine for those.
    bool datagrams = false;
    /// It uses the files of one directory, which must be given.
    bool needs_root = false;
    std::unique_ptr<Service> (*make)() = nullptr;
    /// It finds the boundaries of its messages in the stream itself: no framing may stand before it.
    bool frames_itself = false;
};
/// All services, in the order in which they are listed.
[[nodiscard]] std::span<const ServiceInfo> services() noexcept;
/// Null when there is none of that name.
[[nodiscard]] const ServiceInfo* find_service(std::string_view name) noexcept;
/// Why this service cannot be had in that framing; nothing when it can.
[[nodiscard]] std::optional<std::string> why_not_framed(const ServiceInfo& service,
                                                        const framing::FramingInfo& framing);

// One file each.
[[nodiscard]] std::unique_ptr<Service> make_chat();
[[nodiscard]] std::unique_ptr<Service> make_command();
[[nodiscard]] std::unique_ptr<Service> make_digest();
[[nodiscard]] std::unique_ptr<Service> make_echo();
[[nodiscard]] std::unique_ptr<Service> make_files();
[[nodiscard]] std::unique_ptr<Service> make_http();
[[nodiscard]] std::unique_ptr<Service> make_sink();
[[nodiscard]] std::unique_ptr<Service> make_source();
[[nodiscard]] std::unique_ptr<Service> make_udp_chat();
[[nodiscard]] std::unique_ptr<Service> make_upper();

}  // namespace synscope::service

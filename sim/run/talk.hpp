#pragma once
// A conversation of a server in virtual time, with nothing around it but the record: no files, no commands.
// Ownership: calls, home, socket and framing outlive it. Thread rule: one world, one thread.

#include <deque>
#include <optional>
#include <vector>

#include "net/service/conversation.hpp"
#include "sim/run/calls.hpp"

namespace synscope::sim {

/// The server it belongs to.
class TalkHome {
  public:
    virtual ~TalkHome() = default;
    /// Why a message for that connection is dropped.
    [[nodiscard]] virtual std::optional<service::Refusal> why_not_to(service::ConnectionKey to) const = 0;
};

class Talk final : private service::Surroundings {
  public:
    Talk(Calls& calls, const TalkHome& home, const SimSocket& socket, const framing::FramingInfo& framing);

    [[nodiscard]] service::Conversation& conversation() noexcept { return conversation_; }
    /// Records a message, where the framing marks them.
    void framed(const framing::Placed& placed, bool outgoing);
    /// Messages for other connections of the server, in the order in which they were sent.
    struct Message {
        service::ConnectionKey to;
        std::vector<std::byte> bytes;
    };
    [[nodiscard]] std::vector<Message>& outbox() noexcept { return outbox_; }
    /// Of a socket of datagrams: the first message of the conversation's output, which is a datagram of its
    /// own.
    [[nodiscard]] ByteSpan first_message() const;
    void sent_first_message();

  private:
    void framed_out(const framing::Placed& placed) override;
    void broken(const framing::FrameError& error) override;
    std::optional<service::Refusal> send_to(service::ConnectionKey to, ByteSpan message) override;
    static service::EffectResult refused(service::RequestId request) {
        return {request, service::Refused{service::Refusal::NotAllowed, 0}};
    }
    service::EffectResult list_folder(const service::ListFolder& r) override {
        return {r.request, service::Refused{service::Refusal::NotFound, 0}};
    }
    service::EffectResult open_file(const service::OpenFile& r) override {
        return {r.request, service::Refused{service::Refusal::NotFound, 0}};
    }
    service::EffectResult read_file(const service::ReadFile& r) override { return refused(r.request); }
    service::EffectResult append_file(const service::AppendFile& r, ByteSpan) override {
        return refused(r.request);
    }
    service::EffectResult commit_file(const service::CommitFile& r) override { return refused(r.request); }
    void close_file(const service::CloseFile&) override {}
    service::EffectResult run_command(const service::RunCommand& r) override { return refused(r.request); }

    Calls& calls_;
    const TalkHome& home_;
    const SimSocket& socket_;
    const framing::FramingInfo& framing_;
    std::deque<std::size_t> message_sizes_;  ///< of the output, where each is a datagram
    std::vector<Message> outbox_;
    service::Conversation conversation_;
};

}  // namespace synscope::sim

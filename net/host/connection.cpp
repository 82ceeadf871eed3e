#include "net/host/connection.hpp"

#include <list>
#include <utility>

#include "net/base/text.hpp"
#include "net/host/command.hpp"
#include "net/host/files.hpp"
#include "net/host/pause.hpp"
#include "net/service/conversation.hpp"

namespace synscope::host {

using namespace service;

namespace {

constexpr std::size_t kMostCommandOutput = std::size_t{64} << 10;

/// Of the calling thread: connections are opened by the thread that will serve them.
Conversation::Workplace& own_workplace() {
    thread_local Conversation::Workplace workplace;
    return workplace;
}

class ServiceConnection final : public engine::Connection, private Surroundings {
  public:
    ServiceConnection(Connections& all, engine::Socket& socket, const framing::FramingInfo& framing)
        : Surroundings(all.setup().calls.observer() != nullptr || all.setup().info.datagrams),
          all_(all),
          setup_(all.setup()),
          socket_(socket),
          framing_(framing),
          conversation_(ConnectionKey{socket.id.value}, framing, *this, &own_workplace()),
          files_(setup_.root_fd, setup_.uploads) {
        busy_before_read_ = setup_.server.busy.ns > 0;
        all_.outboxes().add(socket_.id);
        const auto turn = all_.service_turn();
        conversation_.begin(setup_.service.open(ConnectionKey{socket_.id.value}, socket_.remote));
        renew_demand();
    }
    ServiceConnection(const ServiceConnection&) = delete;
    ServiceConnection& operator=(const ServiceConnection&) = delete;
    ~ServiceConnection() override {
        upload_is_over();
        all_.outboxes().remove(socket_.id);
        const auto turn = all_.service_turn();
        conversation_.end();
    }

    void on_bytes(ByteSpan bytes) override {
        conversation_.feed(bytes);
        while (const framing::Placed* message = conversation_.next()) {
            framed(*message, false);
            busy("server.think", setup_.server.think);
            const auto turn = all_.service_turn();
            conversation_.answer();
        }
        renew_demand();
    }
    void on_eof() override {
        const auto turn = all_.service_turn();
        conversation_.eof();
        renew_demand();
    }
    std::size_t first_message() const override {
        return message_sizes_.empty() ? SIZE_MAX : message_sizes_.front();
    }
    void sent(std::size_t bytes) override {
        conversation_.sent(bytes);
        if (uncollected_ || conversation_.can_go_on() || !message_sizes_.empty()) [[unlikely]]
            go_on();
        renew_demand();
    }
    void half_closed() override {
        conversation_.half_closed();
        renew_demand();
    }
    void before_close() override {
        if (conversation_.saw_eof()) busy("server.close_delay", setup_.server.close_delay);
    }
    void collect() override {
        // Left in the outbox, whose size is bounded, while its peer does not read what it already has.
        uncollected_ = !conversation_.has_room();
        if (uncollected_) return;
        for (const auto& message : all_.outboxes().take(socket_.id))
            conversation_.reply(message);
        renew_demand();
    }
    std::optional<int> own_wake_fd() override {
        if (!setup_.info.shares_state) return std::nullopt;
        const auto fd = all_.outboxes().wake_alone(socket_.id);
        if (!fd)
            all_.note(Severity::Warning, concat("out of descriptors: connection ", socket_.id.value,
                                                " hears what others have for it late"));
        return fd;
    }

  private:
    void be_busy_before_read() override { busy("server.busy", setup_.server.busy); }
    void renew_demand() {
        output_ = conversation_.output();
        demand_.write = conversation_.wants_to_write();
        demand_.read = conversation_.wants_to_read();
        demand_.half_close = conversation_.wants_half_close();
        demand_.close = conversation_.wants_to_close();
    }
    void busy(std::string_view reason, Duration duration) {
        if (duration.ns <= 0) return;
        be_busy(setup_.calls.observer(), reason, duration, socket_.id, setup_.stop_fd);
    }
    /// There is room again for what waited for some. (Apart, as framed() is: what nearly every answer does
    /// should lie close together.)
    [[gnu::noinline]] void go_on() {
        if (!message_sizes_.empty()) message_sizes_.pop_front();
        if (uncollected_) collect();
        if (conversation_.can_go_on()) {
            const auto turn = all_.service_turn();
            conversation_.go_on();
        }
    }
    void framed(const framing::Placed& placed, bool outgoing) {
        if (engine::Observer* observer = setup_.calls.observer(); observer != nullptr && framing_.boundaries)
            framed(*observer, placed, outgoing);
    }
    [[gnu::noinline]] void framed(engine::Observer& observer, const framing::Placed& placed, bool outgoing) {
        observer.emit(engine::monotonic_ns(), std::nullopt,
                      MessageFramed{socket_.id, outgoing, placed.index, placed.bytes, placed.body,
                                    observer.intern(framing_.name)});
    }

    // ---- Surroundings
    void framed_out(const framing::Placed& placed) override {
        framed(placed, true);
        if (setup_.info.datagrams && !placed.bytes.empty()) message_sizes_.push_back(placed.bytes.size());
    }
    void broken(const framing::FrameError& error) override {
        all_.note(Severity::Warning,
                  concat("connection from ", socket_.remote.text(), ": ", framing::fault_text(error),
                         " (framing ", framing_.name, "); closed"));
    }
    std::optional<Refusal> send_to(ConnectionKey to, ByteSpan message) override {
        switch (all_.outboxes().post(SocketId{static_cast<std::uint32_t>(to.value)}, message)) {
            case Outboxes::Posted::Yes:
                break;
            case Outboxes::Posted::NoSuchConnection:
                all_.note(Severity::Info, concat("a message for connection ", to.value, ", which has gone"));
                return Refusal::NotFound;
            case Outboxes::Posted::Full:
                all_.note(Severity::Warning,
                          concat("connection ", to.value, " does not read: a message for it was dropped"));
                return Refusal::NoRoom;
        }
        return std::nullopt;
    }
    EffectResult open_file(const OpenFile& e) override {
        EffectResult result = files_.open(e);
        if (e.mode != FileMode::Read && std::holds_alternative<FileOpened>(result.outcome)) upload_begins();
        return result;
    }
    EffectResult read_file(const ReadFile& e) override { return files_.read(e); }
    EffectResult append_file(const AppendFile& e, ByteSpan bytes) override { return files_.append(e, bytes); }
    EffectResult commit_file(const CommitFile& e) override {
        upload_is_over();
        return files_.commit(e);
    }
    void close_file(const CloseFile& e) override {
        upload_is_over();
        files_.close(e);
    }
    EffectResult list_folder(const ListFolder& e) override { return files_.list(e); }
    EffectResult run_command(const RunCommand& e) override {
        if (e.command >= setup_.commands.size()) return {e.request, Refused{Refusal::NotAllowed, 0}};
        command_ = host::run_command(setup_.commands[e.command], kMostCommandOutput);
        if (command_.error != 0) return {e.request, Refused{Refusal::Failed, command_.error}};
        return {e.request, CommandEnded{command_.exit_code, command_.output, command_.truncated}};
    }

    /// A service sends one file after the other over a connection. Bytes that come late are refused by Files;
    /// the deadline is for those that do not come.
    void upload_begins() {
        const Duration time = setup_.uploads.open_time;
        has_deadline_ = all_.deadlines().set(
            socket_, time,
            concat("connection from ", socket_.remote.text(), ": an upload took longer than ",
                   time.ns / 1'000'000'000, " s; read no further"));
    }
    void upload_is_over() {
        if (std::exchange(has_deadline_, false)) all_.deadlines().clear(socket_.id);
    }

    Connections& all_;
    const ConnectionSetup& setup_;
    engine::Socket& socket_;
    const framing::FramingInfo& framing_;
    bool has_deadline_ = false;
    bool uncollected_ = false;  ///< others left something, and there was no room for it
    Conversation conversation_;
    Files files_;
    CommandOutcome command_;  ///< the last one's: its output holds until the session has seen it
    std::list<std::size_t> message_sizes_;  ///< of those to be sent, where each is a datagram
};

}  // namespace

std::unique_ptr<engine::Connection> Connections::open(engine::Socket& socket) {
    const std::size_t n = accepted_->fetch_add(1, std::memory_order_relaxed);
    const framing::FramingInfo* own = n < setup_.overrides.size() ? setup_.overrides[n] : nullptr;
    return std::make_unique<ServiceConnection>(*this, socket, own != nullptr ? *own : setup_.framing);
}

void Connections::note(Severity severity, std::string_view text) {
    if (engine::Observer* observer = setup_.calls.observer(); observer != nullptr)
        observer->emit(engine::monotonic_ns(), std::nullopt, Note{severity, observer->intern(text)});
}

std::unique_lock<std::mutex> Connections::service_turn() {
    return setup_.info.shares_state ? std::unique_lock{service_mutex_} : std::unique_lock<std::mutex>{};
}

}  // namespace synscope::host

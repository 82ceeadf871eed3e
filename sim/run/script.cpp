#include "sim/run/script.hpp"

#include <algorithm>
#include <utility>

#include "net/base/text.hpp"

namespace synscope::sim {

namespace {

constexpr std::size_t kBuffer = 65536;

Script::Outcome failed(const Returned& r) {
    return failure(error_words(r.error));
}

}  // namespace

Script::Script(ScriptSetup setup)
    : setup_(std::move(setup)),
      calls_(setup_.calls),
      own_buffer_(setup_.buffer.empty() ? kBuffer : 0),
      buffer_(setup_.buffer.empty() ? MutableByteSpan{own_buffer_} : setup_.buffer) {}

void Script::begin_with(const SimSocket& socket) {
    socket_ = socket;
    start_stream();
}

void Script::start_stream() {
    encoder_ = setup_.framing.encoder({});
    decoder_ = setup_.framing.decoder({});
    unread_messages_ = 0;
}

void Script::framed(const framing::Placed& placed, bool outgoing) {
    if (!setup_.framing.boundaries) return;
    calls_.framed(socket_, outgoing, placed.index, placed.bytes, placed.body, setup_.framing.name);
}

Task<Result<void, UserError>> Script::run() {
    Result<void, UserError> result;
    int line = 0;
    for (std::size_t i = 0; i < setup_.steps.size() && result; ++i) {
        const scenario::Step& current = setup_.steps[i];
        line = current.line;
        const Outcome outcome = co_await dispatch(current);
        if (!outcome)
            result = failure(UserError{concat(setup_.owner, ", step ", i + 1, " (",
                                              scenario::step_name(current.action), "): ", outcome.error()),
                                       line > 0 ? concat("scenario line ", line) : std::string{},
                                       {}});
    }
    if (socket_.open()) co_await calls_.close(socket_, blocks(), line);
    co_return result;
}

Task<Script::Outcome> Script::dispatch(const scenario::Step& current) {
    return std::visit([&](const auto& action) { return step(action, current.line); }, current.action);
}

// ---- opening
// ------------------------------------------------------------------------------------------------------

Task<Script::Outcome> Script::step(const scenario::Connect& step, int line) {
    const auto to = co_await target_of(step);
    if (!to) co_return failure(to.error());
    if (datagrams()) {
        Outcome named = co_await connect_datagrams(step, *to, line);
        co_return named;
    }
    Outcome done = co_await open_socket(step, *to, line);
    if (!done) co_return done;
    if (blocks() && step.blocking)
        done = co_await connect_to(step, *to, line);
    else
        done = co_await connect_unblocked(step, *to, line);
    if (!done) co_return done;
    // The kernel takes TCP_QUICKACK back when a connection is made.
    if (setup_.options.quick_ack) {
        scenario::SocketOptions again;
        again.quick_ack = setup_.options.quick_ack;
        co_await calls_.set_options(socket_, again, line);
    }
    start_stream();
    co_return Outcome{};
}

Task<Result<Endpoint, std::string>> Script::target_of(const scenario::Connect& step) {
    if (step.name.empty()) co_return setup_.directory.target_of(step, setup_.transport);
    const auto address = co_await ask_name(step.name);
    if (!address) co_return failure(address.error());
    co_return Endpoint{*address, step.port.value_or(0)};
}

Task<Script::Outcome> Script::connect_to(const scenario::Connect& step, const Endpoint& to, int line) {
    const Returned r = co_await calls_.connect(socket_, to, true, step.timeout, line);
    if (!r.ok() && r.error == tcp::Error::InProgress && step.timeout)
        co_return failure(concat("no answer from ", to.text(), " within ", duration_text(*step.timeout)));
    if (!r.ok()) co_return failure(concat(to.text(), ": ", error_words(r.error)));
    co_return Outcome{};
}

Task<Script::Outcome> Script::connect_unblocked(const scenario::Connect& step, const Endpoint& to, int line) {
    Returned r = co_await calls_.set_nonblocking(socket_, true, line);
    std::optional<Instant> until;
    if (step.timeout) until = calls_.now() + *step.timeout;
    r = co_await calls_.connect(socket_, to, false, std::nullopt, line);
    if (!r.ok() && r.error != tcp::Error::InProgress)
        co_return failure(concat(to.text(), ": ", error_words(r.error)));
    std::uint32_t has = 0;
    if (blocks()) {
        has = co_await calls_.poll(socket_, tcp::readiness::kOut, step.timeout, line);
    } else {
        co_await calls_.epoll_add(setup_.turn->epoll, socket_, line);
        co_await others_turn(tcp::readiness::kOut, until);
        has = setup_.turn->events;
    }
    if (has == 0)
        co_return failure(concat("no answer from ", to.text(), " within ",
                                 duration_text(step.timeout.value_or(Duration{}))));
    const tcp::Error error = co_await calls_.take_error(socket_, line);
    if (error != tcp::Error::None) co_return failure(concat(to.text(), ": ", error_words(error)));
    if (blocks()) co_await calls_.set_nonblocking(socket_, false, line);
    co_return Outcome{};
}

Task<Script::Outcome> Script::open_socket(const scenario::Connect& step, const Endpoint& to, int line) {
    const auto from = calls_.process().machine().address_towards(to.address);
    if (!from) co_return failure(concat("no route to ", to.address.text(), " (ENETUNREACH)"));
    Returned r = co_await calls_.socket(socket_, line);
    if (!r.ok()) co_return failed(r);
    r = co_await calls_.set_options(socket_, setup_.options, line);
    if (!r.ok()) co_return failure(concat("setsockopt: ", error_words(r.error)));
    if (step.from_port) {
        r = co_await calls_.bind(socket_, {*from, *step.from_port}, line);
        if (!r.ok()) co_return failure(concat("port ", *step.from_port, ": ", error_words(r.error)));
    } else {
        // A host's addresses may come and go; its TCP is told which one leads there.
        const tcp::Error error = calls_.process().machine().tcp().bind(socket_.id, {*from, 0});
        if (error != tcp::Error::None) co_return failure(error_words(error));
    }
    co_return Outcome{};
}

// ---- moving bytes
// ------------------------------------------------------------------------------------------------------

Task<void> Script::others_turn(std::uint32_t events, std::optional<Instant> until) {
    setup_.turn->events = events;
    setup_.turn->until = until;
    co_await setup_.turn->give_away();
}

Task<void> Script::pause(Duration duration) {
    if (blocks())
        co_await calls_.process().sleep(duration);
    else
        co_await others_turn(0, calls_.now() + duration);
}

Script::Deadline Script::deadline_of(const scenario::Recv& step) const {
    return step.timeout ? Deadline{calls_.now() + *step.timeout} : std::nullopt;
}

Task<bool> Script::comes(Deadline deadline, int line) {
    if (!blocks() || !deadline) co_return true;
    const std::uint32_t has =
        co_await calls_.poll(socket_, tcp::readiness::kIn, *deadline - calls_.now(), line);
    co_return has != 0;
}

Task<bool> Script::arrives(Deadline deadline) {
    co_await others_turn(tcp::readiness::kIn, deadline);
    co_return setup_.turn->events != 0;
}

void Script::note_missing(std::uint64_t came, std::uint64_t wanted, std::string_view unit) {
    calls_.note(Severity::Warning, concat(setup_.owner, ": the time is over after ", came, " of ", wanted,
                                          " ", unit, ": it goes on"));
}

Task<Script::Outcome> Script::step(const scenario::Send& step, int line) {
    if (!socket_.open()) co_return failure(std::string{"there is no connection"});
    std::vector<std::byte> body;
    body.reserve(step.data.size() * step.repeat);
    for (std::uint32_t i = 0; i < step.repeat; ++i)
        std::transform(step.data.begin(), step.data.end(), std::back_inserter(body),
                       [](char c) { return static_cast<std::byte>(c); });
    if (datagrams()) {
        Outcome gone = co_await send_datagrams(body, step, line);
        co_return gone;
    }
    std::vector<std::byte> bytes;
    const auto placed = encoder_->encode(body, bytes);
    if (!placed) co_return failure(framing::fault_text(placed.error()));
    framed(*placed, true);
    Outcome sent = co_await send_all(bytes, step, line);
    if (!sent) co_return sent;
    const scenario::Recv no_pace;
    while (encoder_->waiting()) {
        const auto more = co_await read_once(buffer_.size(), no_pace, {}, line);
        if (!more) co_return failure(more.error());
        if (*more == Read::End)
            co_return failure(std::string{"the peer closed the connection before it was ready"});
    }
    co_return Outcome{};
}

Task<Script::Outcome> Script::send_all(ByteSpan bytes, const scenario::Send& pace, int line) {
    for (ByteSpan rest{bytes}; !rest.empty();) {
        const ByteSpan piece =
            rest.first(std::min<std::size_t>(rest.size(), pace.chunk.value_or(UINT32_MAX)));
        const Returned r = co_await calls_.send(socket_, piece, blocks(), line);
        if (!r.ok() && r.error == tcp::Error::Again && !blocks()) {
            co_await others_turn(tcp::readiness::kOut, std::nullopt);
            continue;
        }
        if (!r.ok())
            co_return failure(concat(error_words(r.error), " after ", bytes.size() - rest.size(), " of ",
                                     bytes.size(), " bytes"));
        rest = rest.subspan(static_cast<std::size_t>(r.value));
        if (pace.every.ns > 0) co_await pause(pace.every);
    }
    co_return Outcome{};
}

void Script::take_messages() {
    while (const auto message = decoder_->next()) {
        framed(*message, false);
        ++unread_messages_;
    }
}

Task<Result<Script::Read, std::string>> Script::read_once(std::uint64_t most_bytes,
                                                          const scenario::Recv& step, Deadline deadline,
                                                          int line) {
    std::uint64_t size = std::min<std::uint64_t>(most_bytes, buffer_.size());
    if (step.chunk) size = std::min<std::uint64_t>(size, *step.chunk);
    const auto into = buffer_.first(static_cast<std::size_t>(size));
    const bool in_time = co_await comes(deadline, line);
    if (!in_time) co_return Read::TimeIsOver;
    Returned r = co_await calls_.recv(socket_, into, blocks(), line);
    while (!r.ok() && r.error == tcp::Error::Again && !blocks()) {
        const bool again = co_await arrives(deadline);
        if (!again) co_return Read::TimeIsOver;
        r = co_await calls_.recv(socket_, into, false, line);
    }
    if (!r.ok()) co_return failure(error_words(r.error));
    if (r.value == 0) co_return Read::End;
    unread_bytes_ = static_cast<std::uint64_t>(r.value);
    decoder_->feed(ByteSpan{into}.first(static_cast<std::size_t>(r.value)));
    take_messages();
    if (const auto error = decoder_->error()) co_return failure(framing::fault_text(*error));
    std::vector<std::byte> said;
    while (const auto signal = decoder_->signal())
        encoder_->hear(*signal, said);
    const scenario::Send no_pace;
    const Outcome sent = co_await send_all(said, no_pace, line);
    if (!sent) co_return failure(sent.error());
    if (step.every.ns > 0) co_await pause(step.every);
    co_return Read::Some;
}

Task<Script::Outcome> Script::read_bytes(const scenario::Recv& step, int line) {
    // Exactly so many: what came beyond stays in the receive buffer, for the next step.
    const Deadline deadline = deadline_of(step);
    for (std::uint64_t left = *step.bytes; left > 0; left -= unread_bytes_) {
        const auto more = co_await read_once(left, step, deadline, line);
        if (!more) co_return failure(more.error());
        if (*more == Read::End)
            co_return failure(concat("the peer closed the connection after ", *step.bytes - left, " of ",
                                     *step.bytes, " bytes"));
        if (*more == Read::TimeIsOver) {
            note_missing(*step.bytes - left, *step.bytes, "bytes");
            break;
        }
    }
    co_return Outcome{};
}

Task<Script::Outcome> Script::read_messages(const scenario::Recv& step, int line) {
    const Deadline deadline = deadline_of(step);
    while (unread_messages_ < *step.messages) {
        const auto more = co_await read_once(buffer_.size(), step, deadline, line);
        if (!more) co_return failure(more.error());
        if (*more == Read::End)
            co_return failure(concat("the peer closed the connection after ", unread_messages_, " of ",
                                     *step.messages, " messages"));
        if (*more == Read::TimeIsOver) {
            note_missing(unread_messages_, *step.messages, "messages");
            break;
        }
    }
    unread_messages_ -= std::min(unread_messages_, *step.messages);
    co_return Outcome{};
}

Task<Script::Outcome> Script::read_to_end(const scenario::Recv& step, int line) {
    const Deadline deadline = deadline_of(step);
    for (;;) {
        const auto more = co_await read_once(buffer_.size(), step, deadline, line);
        if (!more) co_return failure(more.error());
        if (*more == Read::End) break;
        if (*more == Read::Some) continue;
        note_missing(0, 1, "end-of-file");
        co_return Outcome{};
    }
    decoder_->finish();
    take_messages();
    if (const auto error = decoder_->at_end()) co_return failure(framing::fault_text(*error));
    unread_messages_ = 0;
    co_return Outcome{};
}

Task<Script::Outcome> Script::step(const scenario::Recv& step, int line) {
    if (!socket_.open()) co_return failure(std::string{"there is no connection"});
    Outcome outcome;
    if (datagrams())
        outcome = co_await receive_datagrams(step, line);
    else if (step.bytes)
        outcome = co_await read_bytes(step, line);
    else if (step.messages)
        outcome = co_await read_messages(step, line);
    else
        outcome = co_await read_to_end(step, line);
    if (step.bytes) unread_messages_ = 0;
    co_return outcome;
}

Task<Script::Outcome> Script::step(const scenario::Wait& step, int) {
    co_await pause(step.duration);
    co_return Outcome{};
}

// ---- closing
// ------------------------------------------------------------------------------------------------------

Task<Script::Outcome> Script::step(const scenario::Shutdown& step, int line) {
    if (!socket_.open()) co_return failure(std::string{"there is no connection"});
    const auto how = static_cast<tcp::ShutdownHow>(step.how);
    const Returned r = co_await calls_.shutdown(socket_, how, line);
    if (!r.ok()) co_return failed(r);
    co_return Outcome{};
}

Task<Script::Outcome> Script::step(const scenario::Close&, int line) {
    if (!socket_.open()) co_return failure(std::string{"there is no connection"});
    co_await calls_.close(socket_, blocks(), line);
    co_return Outcome{};
}

Task<Script::Outcome> Script::step(const scenario::Reset&, int line) {
    if (!socket_.open()) co_return failure(std::string{"there is no connection"});
    const Returned r = co_await calls_.set_linger_0(socket_, line);
    if (!r.ok()) co_return failed(r);
    co_await calls_.close(socket_, blocks(), line);
    co_return Outcome{};
}

Task<Script::Outcome> Script::step(const scenario::Mark& step, int) {
    // A mark has one moment: of a crowd, the first one's.
    if (!blocks() && setup_.turn->number != 0) co_return Outcome{};
    co_await calls_.process().sleep(Calls::kBetween);
    const Directory::Told* told = setup_.directory.told_at(step.name);
    calls_.mark(told != nullptr && !told->title.empty() ? told->title : step.name, socket_);
    if (told != nullptr && !told->text.empty()) calls_.note(Severity::Info, told->text);
    co_return Outcome{};
}

// ---- names, addresses, echoes
// ------------------------------------------------------------------------------------------------------

Task<Result<IpAddress, std::string>> Script::ask_name(const std::string& name) {
    Host& host = calls_.process().machine().host();
    if (host.resolver() == nullptr || host.resolver()->servers().empty())
        co_return failure(concat("cannot resolve ", name, ": host '", host.name(), "' knows no DNS server"));
    const auto lookup = host.ask_name(calls_.process().machine().fabric(), name);
    for (;;) {
        auto& answers = host.resolver()->answers();
        const auto mine = std::find_if(answers.begin(), answers.end(),
                                       [&](const DnsResolver::Answer& a) { return a.lookup == lookup; });
        if (mine != answers.end()) {
            const DnsResolver::Answer answer = *mine;
            answers.erase(mine);
            if (answer.addresses.empty())
                co_return failure(concat("cannot resolve ", name, ": ", dns_outcome_text(answer.outcome)));
            calls_.note(Severity::Info, concat(name, " is ", answer.addresses.front().text()));
            co_return answer.addresses.front();
        }
        co_await calls_.process().event();
    }
}

Task<Script::Outcome> Script::step(const scenario::Resolve& step, int) {
    const auto address = co_await ask_name(step.name);
    if (!address) co_return failure(address.error());
    co_return Outcome{};
}

Task<Script::Outcome> Script::step(const scenario::Ping& step, int) {
    Result<IpAddress, std::string> to = failure(std::string{});
    if (step.name.empty())
        to = setup_.directory.address_of(step.host);
    else
        to = co_await ask_name(step.name);
    if (!to) co_return failure(to.error());
    for (std::uint32_t i = 1; i <= step.count; ++i) {
        const Instant sent = calls_.now();
        Outcome answered = co_await ping_once(*to, step, static_cast<std::uint16_t>(i));
        if (!answered) co_return answered;
        const Instant next = sent + step.every;
        if (i < step.count && next > calls_.now()) co_await calls_.process().sleep(next - calls_.now());
    }
    co_return Outcome{};
}

Task<Script::Outcome> Script::ping_once(const IpAddress& to, const scenario::Ping& step,
                                        std::uint16_t number) {
    constexpr Duration kPatience = Duration::seconds(10);
    Machine& machine = calls_.process().machine();
    const auto identifier = static_cast<std::uint16_t>(calls_.process().identity().thread.value);
    const Instant sent = calls_.now();
    const std::vector<std::byte> data(step.size, std::byte{'.'});
    machine.host().ping(machine.fabric(), to, identifier, number, Payload::copy_of(data));
    while (calls_.now() < sent + kPatience) {
        auto& replies = machine.host().echo_replies();
        const auto mine = std::find_if(replies.begin(), replies.end(), [&](const EchoReply& r) {
            return r.identifier == identifier && r.sequence == number;
        });
        if (mine != replies.end()) {
            calls_.note(Severity::Info,
                        concat(mine->bytes, " bytes from ", mine->from.text(), ": echo reply ", number,
                               ", ttl ", mine->ttl, ", ", duration_text(mine->at - sent)));
            replies.erase(mine);
            co_return Outcome{};
        }
        auto& errors = machine.host().icmp_errors();
        if (!errors.empty()) {
            const std::string from =
                errors.front().from.family == 0 ? "this host" : errors.front().from.text();
            errors.clear();
            co_return failure(concat(to.text(), " cannot be reached, says ", from));
        }
        co_await calls_.process().event(sent + kPatience);
    }
    co_return failure(concat("no answer from ", to.text(), " within ", duration_text(kPatience)));
}

Task<Script::Outcome> Script::step(const scenario::Dhcp&, int) {
    constexpr Duration kPatience = Duration::seconds(60);
    Machine& machine = calls_.process().machine();
    if (machine.host().dhcp_client() == nullptr)
        co_return failure(std::string{"the host has an address of its own (address: dhcp asks for one)"});
    const Instant begun = calls_.now();
    if (machine.host().dhcp_client()->state() == DhcpClient::State::Off)
        machine.host().start(machine.fabric());
    while (!machine.host().ip().address(0)) {
        if (calls_.now() - begun >= kPatience)
            co_return failure(concat("no lease within ", duration_text(kPatience)));
        co_await calls_.process().event(begun + kPatience);
    }
    calls_.note(Severity::Info,
                concat(machine.name(), " is ", machine.host().ip().address(0)->text(), " now"));
    co_return Outcome{};
}

}  // namespace synscope::sim

// synscope follow: the bytes of one conversation, or the messages in them. One pass over the capture; nothing
// is kept of it but what is out of order.
#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "capture/source/file.hpp"
#include "capture/track/analysis.hpp"
#include "capture/track/sockets.hpp"
#include "net/base/text.hpp"
#include "net/wire/segment_finder.hpp"
#include "ui/app/command.hpp"
#include "ui/app/follow_output.hpp"
#include "ui/app/framing_option.hpp"

namespace synscope::app {

namespace {

struct FollowOptions {
    std::string file;
    std::string connection;
    std::string direction;
    std::string framing;
    std::string output;
};

/// "7" is the TCP connection tcp.stream 7, "u7" the UDP conversation of that number.
struct Wanted {
    bool udp = false;
    std::uint32_t number = 0;
};
std::optional<Wanted> parse_wanted(std::string_view text) {
    Wanted wanted;
    wanted.udp = text.starts_with('u');
    if (wanted.udp) text.remove_prefix(1);
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, wanted.number);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return wanted;
}

/// A conversation being followed, fed with every packet of the capture.
class Follower {
  public:
    virtual ~Follower() = default;
    virtual void packet(const source::RawPacket& packet) = 0;
    virtual void finish() = 0;
    /// How many conversations of its kind there were.
    [[nodiscard]] virtual std::size_t conversations() const = 0;
};

class TcpFollower final : public Follower {
  public:
    TcpFollower(std::uint32_t number, std::optional<Direction> only, const framing::FramingInfo* framing,
                FollowOutput& output)
        : number_(number) {
        for (const Direction d : {Direction::ClientToServer, Direction::ServerToClient})
            if (!only || *only == d)
                streams_[static_cast<std::size_t>(d)] = std::make_unique<FollowedStream>(d, output, framing);
    }

    void packet(const source::RawPacket& packet) override {
        const auto found =
            finder_.find_all(packet.link_type, packet.bytes, packet.original_length, packet.at);
        if (found.named) analyzer_.name(packet.at, *found.named);
        const auto& segment = found.tcp;
        if (!segment) return;
        const track::Verdict verdict = analyzer_.add(packet.at, *segment);
        if (verdict.connection.value == number_) segment_of(verdict.direction, *segment);
    }

    void finish() override {
        for (const auto& stream : streams_)
            if (stream) stream->finish();
    }
    [[nodiscard]] std::size_t conversations() const override { return analyzer_.size(); }

  private:
    FollowedStream* stream(Direction direction) {
        return streams_[static_cast<std::size_t>(direction)].get();
    }

    void segment_of(Direction direction, const wire::TcpSegment& segment) {
        // The acknowledgement first: what it proves to be missing lies before what its sender says now.
        if (auto* answered = stream(other(direction));
            answered != nullptr && segment.flags.has(wire::TcpFlags::kAck))
            answered->reassembler.acknowledged(segment.ack, segment.flags.has(wire::TcpFlags::kSyn),
                                               *answered);
        if (auto* sent = stream(direction); sent != nullptr)
            sent->reassembler.segment({segment.seq, segment.flags, segment.payload_length, segment.payload},
                                      *sent);
    }

    std::uint32_t number_;
    std::array<std::unique_ptr<FollowedStream>, 2> streams_;
    wire::SegmentFinder finder_;
    track::Analyzer analyzer_;  ///< tells which packets belong to the connection
};

/// Datagrams in the order of the capture, of tunnels the innermost. Conversations are numbered by their first
/// packet, whose sender is the client.
class UdpFollower final : public Follower {
  public:
    UdpFollower(std::uint32_t number, std::optional<Direction> only, FollowOutput& output)
        : number_(number), only_(only), output_(output) {}

    void packet(const source::RawPacket& packet) override {
        const auto datagram =
            finder_.find_all(packet.link_type, packet.bytes, packet.original_length, packet.at).udp;
        if (!datagram) return;
        const auto count = static_cast<std::uint32_t>(numbers_.size());
        const auto [found, fresh] =
            numbers_.try_emplace(track::FlowKey::of(datagram->source, datagram->destination), count);
        if (found->second != number_) return;
        if (fresh) client_ = datagram->source;
        const Direction direction =
            datagram->source == client_ ? Direction::ClientToServer : Direction::ServerToClient;
        if (!only_ || *only_ == direction) datagram_of(direction, *datagram);
    }

    void finish() override {
        for (const Complaints& complaints : complaints_)
            complaints.finish();
    }
    [[nodiscard]] std::size_t conversations() const override { return numbers_.size(); }

  private:
    void datagram_of(Direction direction, const wire::UdpDatagram& datagram) {
        const auto side = static_cast<std::size_t>(direction);
        const std::uint64_t index = indexes_[side]++;
        if (datagram.payload.size() < datagram.payload_length) {
            complaints_[side].say(concat("datagram ", index, ": ",
                                         datagram.payload_length - datagram.payload.size(),
                                         " bytes cut off by the snap length or in later fragments"));
        }
        output_.message(direction, index, offsets_[side], datagram.payload);
        offsets_[side] += datagram.payload.size();
    }

    std::uint32_t number_;
    std::optional<Direction> only_;
    FollowOutput& output_;
    wire::SegmentFinder finder_;
    std::unordered_map<track::FlowKey, std::uint32_t, track::FlowKeyHash> numbers_;
    Endpoint client_;
    std::array<std::uint64_t, 2> indexes_{};
    std::array<std::uint64_t, 2> offsets_{};
    std::array<Complaints, 2> complaints_{Complaints{Direction::ClientToServer},
                                          Complaints{Direction::ServerToClient}};
};

UserError no_such(const Wanted& wanted, std::size_t count) {
    const std::string_view kind = wanted.udp ? "UDP conversation" : "connection";
    const std::string_view u = wanted.udp ? "u" : "";
    return {concat("there is no ", kind, ' ', u, wanted.number), "",
            count == 0 ? concat("The file holds no ", wanted.udp ? "UDP conversation." : "TCP connection.")
                       : concat(wanted.udp ? "UDP conversations" : "Connections", " are numbered ", u,
                                "0 to ", u, count - 1, ".")};
}

/// Reads to the end, or to where reading stops; tells why.
std::optional<UserError> read_all(source::PacketSource& source, Follower& follower,
                                  const FollowOutput& output) {
    std::array<source::RawPacket, 256> batch;
    while (output.wanted()) {
        const auto count = source.next_batch(batch);
        if (!count) return count.error();
        if (*count == 0) break;
        for (const source::RawPacket& packet : std::span{batch}.first(*count))
            follower.packet(packet);
    }
    return std::nullopt;
}

/// Bytes as they are go to a file or a pipe, never to a terminal that would act on them.
FollowForm form_of(const FollowOptions& options, bool messages) {
    const bool to_file = !options.output.empty() && options.output != "-";
    if (!options.framing.empty()) return FollowForm::Messages;
    const bool raw = to_file || (!options.direction.empty() && !stdout_is_terminal());
    if (raw) return FollowForm::Raw;
    return messages ? FollowForm::Messages : FollowForm::Text;
}

int follow(const FollowOptions& options) {
    const Wanted wanted = *parse_wanted(options.connection);
    std::optional<framing::FramingInfo> framing;
    if (!options.framing.empty()) {
        const auto named = framing_option(options.framing);
        if (!named) return report(named.error());
        framing = *named;
        if (wanted.udp) {
            report({"UDP has message boundaries of its own", "", "Leave --framing out."});
            return kWrongUsage;
        }
    }
    std::optional<Direction> only;
    if (options.direction == "c2s") only = Direction::ClientToServer;
    if (options.direction == "s2c") only = Direction::ServerToClient;

    if (auto spared = spares_inputs(options.output, {options.file}); !spared) {
        report(spared.error());
        return kWrongUsage;
    }
    const auto source = source::open_capture(options.file);
    if (!source) return report(source.error());
    auto out = TextOutput::open(options.output);
    if (!out) return report(out.error());
    FollowOutput output{std::move(*out), form_of(options, wanted.udp)};
    std::unique_ptr<Follower> follower;
    if (wanted.udp) {
        follower = std::make_unique<UdpFollower>(wanted.number, only, output);
    } else {
        follower = std::make_unique<TcpFollower>(wanted.number, only, framing ? &*framing : nullptr, output);
    }
    const auto damage = read_all(**source, *follower, output);
    if (output.wanted() && wanted.number >= follower->conversations()) {
        if (damage) report(*damage);
        return report(no_such(wanted, follower->conversations()));
    }
    follower->finish();
    if (const auto written = output.finish(); !written) return report(written.error());
    return damage ? report(*damage) : kDone;
}

}  // namespace

void add_follow(Command& parent) {
    const auto options = std::make_shared<FollowOptions>();
    Command command =
        parent.add_command("follow", "The bytes of one conversation put back in order, or its messages");
    command.option("FILE", options->file, "A capture or a session; - reads standard input").required();
    command
        .option("--connection", options->connection,
                "tcp.stream, from 0; or u0, u1, ... for UDP conversations")
        .required()
        .accepts(
            [](const std::string& text) -> std::string {
                return parse_wanted(text) ? "" : "give a number, or u and a number: 3, u0";
            },
            "N|uN");
    command
        .option("--direction", options->direction,
                "c2s or s2c, and the bytes as they are (but to a terminal as text); without it both, as text")
        .one_of({"c2s", "s2c"});
    command.option("--framing", options->framing,
                   "Messages instead of bytes, one per line: see 'synscope framings', or a YAML file that "
                   "declares one");
    command.option("-o,--output", options->output, "Write the bytes, as they are, to this file");
    command.runs([options] { return follow(*options); });
}

}  // namespace synscope::app

#pragma once
// A scenario, schema version 1: what runs, as data. The lab runs it on real kernels, the simulator in virtual
// time.
//
// Read from YAML by load.hpp, which checks every key and value and names line and column of what is wrong.
// Later versions add keys; a file says which version it was written for. Thread rule: values.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/base/instant.hpp"

namespace synscope::scenario {

inline constexpr int kSchemaVersion = 1;

/// Text by language tag: "en", "zh-CN".
using Translated = std::map<std::string, std::string>;

struct Host {
    std::string name;
    std::optional<std::string>
        address;  ///< IPv4 or IPv6 with prefix length; chosen by the runner when absent
    friend bool operator==(const Host&, const Host&) = default;
};

/// Loss that comes in bursts: the line turns bad and good again (Gilbert and Elliott).
struct BurstLoss {
    double enter = 0;  ///< probabilities per packet, 0 to 1
    double leave = 1;
    double loss = 1;  ///< while it is bad
    friend bool operator==(const BurstLoss&, const BurstLoss&) = default;
};

/// A queue that drops packets that have waited too long (RFC 8289).
struct CoDel {
    Duration target = Duration::milliseconds(5);
    Duration interval = Duration::milliseconds(100);
    bool ecn = false;  ///< marks what can be marked instead
    friend bool operator==(const CoDel&, const CoDel&) = default;
};

/// The wire between the hosts, the same model for simulator and lab.
struct Link {
    std::optional<std::uint64_t> rate_bits_per_second;
    Duration delay;
    Duration jitter;
    std::uint32_t mtu = 1500;
    std::optional<std::uint32_t> queue_packets;
    double loss = 0;  ///< probabilities, 0 to 1
    double duplication = 0;
    double reordering = 0;
    double corruption = 0;
    std::optional<std::uint64_t> queue_bytes{};
    std::optional<CoDel> codel{};
    std::optional<BurstLoss> burst_loss{};
    friend bool operator==(const Link&, const Link&) = default;
};

/// Socket options a server or client sets before use; absent ones are left to the kernel.
struct SocketOptions {
    std::optional<int> receive_buffer;  ///< SO_RCVBUF, bytes
    std::optional<int> send_buffer;     ///< SO_SNDBUF, bytes
    std::optional<bool> no_delay;       ///< TCP_NODELAY
    std::optional<bool> quick_ack;      ///< TCP_QUICKACK
    std::optional<bool> cork;           ///< TCP_CORK
    std::optional<bool> keep_alive;     ///< SO_KEEPALIVE
    std::optional<int> linger_s;        ///< SO_LINGER, seconds
    friend bool operator==(const SocketOptions&, const SocketOptions&) = default;
};

/// What one accepted connection speaks, where it differs from the server's own keys.
struct PerConnection {
    std::optional<std::string> framing;
    friend bool operator==(const PerConnection&, const PerConnection&) = default;
};

struct Server {
    std::string host;  ///< which host it runs on
    std::string engine = "blocking";
    std::string service = "upper";
    std::string framing = "none";
    std::uint16_t port = 0;  ///< 0: any free one
    int backlog = 128;
    Duration busy;                    ///< it works on something else this long each time before it reads
    Duration think;                   ///< from having read a request to answering it
    Duration close_delay;             ///< from reading end-of-file to close()
    std::uint32_t read_size = 65536;  ///< bytes asked for in one recv()
    SocketOptions options;
    std::vector<PerConnection>
        connections;  ///< for the first, second, ... accepted connection; then the server's keys
    friend bool operator==(const Server&, const Server&) = default;
};

// ---- client steps
// -------------------------------------------------------------------------------------------------

struct Connect {
    std::optional<Duration> timeout;
    friend bool operator==(const Connect&, const Connect&) = default;
};
struct Send {
    std::string data;          ///< one message; with a framing, its body
    std::uint32_t repeat = 1;  ///< the data this many times over, as one message
    friend bool operator==(const Send&, const Send&) = default;
};
struct Recv {
    /// Exactly one is set: bytes to wait for, messages to wait for, or until the peer's end-of-file.
    std::optional<std::uint64_t> bytes;
    std::optional<std::uint64_t> messages;
    bool until_eof = false;
    friend bool operator==(const Recv&, const Recv&) = default;
};
struct Wait {
    Duration duration;
    friend bool operator==(const Wait&, const Wait&) = default;
};
enum class ShutdownHow : std::uint8_t { Read, Write, Both };
struct Shutdown {
    ShutdownHow how = ShutdownHow::Write;
    friend bool operator==(const Shutdown&, const Shutdown&) = default;
};
struct Close {
    friend bool operator==(const Close&, const Close&) = default;
};
/// Names a moment for narration: becomes a Marker event.
struct Mark {
    std::string name;
    friend bool operator==(const Mark&, const Mark&) = default;
};
using StepAction = std::variant<Connect, Send, Recv, Wait, Shutdown, Close, Mark>;
struct Step {
    StepAction action;
    int line = 0;  ///< in the scenario file, for messages; 0 when unknown, no part of equality
    friend bool operator==(const Step& a, const Step& b) { return a.action == b.action; }
};

struct Client {
    std::string name;
    std::string host;
    std::string after;  ///< name of the client that must have finished before this one starts; empty: at once
    std::string framing = "none";
    SocketOptions options;
    std::vector<Step> steps;
    friend bool operator==(const Client&, const Client&) = default;
};

// ---- wire rules and narration
// -------------------------------------------------------------------------------------

enum class RuleAction : std::uint8_t { Drop, Delay, Duplicate };
/// Relative sequence numbers [first, end), as the ladder writes them: the SYN is 0, the first byte of data 1.
struct SequenceRange {
    std::uint32_t first = 0;
    std::uint32_t end = 0;
    friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};
/// What a rule does to the packets it matches. All given conditions must hold.
struct WireRule {
    RuleAction action = RuleAction::Drop;
    std::string from;                  ///< sending host; empty: both
    std::optional<std::uint32_t> nth;  ///< the n-th matching packet, from 1; absent: every one
    std::optional<std::string> flags;  ///< TCP flags as in text form: "S", "P."
    std::optional<std::uint32_t> min_payload;
    Duration delay;                           ///< for Delay
    std::optional<SequenceRange> sequence{};  ///< segments that take one of these numbers
    std::optional<std::uint64_t> packet{};    ///< the packet with this id
    friend bool operator==(const WireRule&, const WireRule&) = default;
};

/// What is said when a marker is reached.
struct Narration {
    std::string at;  ///< marker name
    Translated title;
    Translated text;
    friend bool operator==(const Narration&, const Narration&) = default;
};

struct Scenario {
    int version = kSchemaVersion;
    std::string name;
    Translated title;
    std::uint64_t seed = 1;
    std::vector<Host> hosts;
    Link link;
    Server server;
    std::vector<Client> clients;
    std::vector<WireRule> rules;
    std::vector<Narration> narration;
    friend bool operator==(const Scenario&, const Scenario&) = default;
};

}  // namespace synscope::scenario

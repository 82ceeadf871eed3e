#pragma once
// A scenario, schema version 1: what runs, as data. The lab runs it on real kernels, the simulator in virtual
// time.
//
// Read from YAML by load.hpp, which checks every key and value and names line and column of what is wrong.
// Later versions add keys; a file says which version it was written for. Thread rule: values.

#include <cstdint>
#include <iterator>
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

/// Whose habits a simulated host's TCP has; a real kernel has its own.
enum class Personality : std::uint8_t { Linux, Bsd };

/// A host that answers what address a name has.
struct DnsServer {
    std::map<std::string, std::string> names;  ///< "www.example" to an IPv4 address
    Duration ttl = Duration::seconds(300);
    friend bool operator==(const DnsServer&, const DnsServer&) = default;
};
/// A host that lends addresses.
struct DhcpServer {
    std::string first;  ///< IPv4 addresses, both included
    std::string last;
    Duration lease = Duration::seconds(3600);
    std::string gateway;  ///< empty: none
    std::string dns;      ///< empty: none
    friend bool operator==(const DhcpServer&, const DhcpServer&) = default;
};

struct Host {
    std::string name;
    std::optional<std::string>
        address;               ///< IPv4 or IPv6 with prefix length; chosen by the runner when absent
    bool by_dhcp = false;      ///< has no address until its client's `dhcp` step
    std::string gateway = {};  ///< address; empty: none
    std::string dns = {};      ///< address of the server it asks; empty: none
    Personality personality = Personality::Linux;
    std::optional<DnsServer> dns_server = std::nullopt;
    std::optional<DhcpServer> dhcp_server = std::nullopt;
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

// ---- how hosts are joined
// -----------------------------------------------------------------------------------------

struct RouterInterface {
    std::string to;       ///< the box at the other end of its link
    std::string address;  ///< IPv4 with prefix length
    friend bool operator==(const RouterInterface&, const RouterInterface&) = default;
};
struct Route {
    std::string to;   ///< "10.1.0.0/16"
    std::string via;  ///< the next router's address
    friend bool operator==(const Route&, const Route&) = default;
};
struct Router {
    std::string name;
    std::vector<RouterInterface> interfaces;
    std::vector<Route> routes;
    friend bool operator==(const Router&, const Router&) = default;
};
/// Joins two boxes (hosts, switches, routers).
struct Cable {
    std::string a;
    std::string b;
    Link link;  ///< the scenario's link where the entry says nothing else
    friend bool operator==(const Cable&, const Cable&) = default;
};
/// Without links: two hosts at one wire, more of them at one switch.
struct Network {
    std::vector<std::string> switches;
    std::vector<Router> routers;
    std::vector<Cable> links;
    friend bool operator==(const Network&, const Network&) = default;
};

/// Socket options a server or client sets before use; absent ones are left to the kernel.
struct SocketOptions {
    std::optional<int> receive_buffer;                        ///< SO_RCVBUF, bytes
    std::optional<int> send_buffer;                           ///< SO_SNDBUF, bytes
    std::optional<bool> no_delay;                             ///< TCP_NODELAY
    std::optional<bool> quick_ack;                            ///< TCP_QUICKACK
    std::optional<bool> cork;                                 ///< TCP_CORK
    std::optional<bool> keep_alive;                           ///< SO_KEEPALIVE
    std::optional<int> linger_s;                              ///< SO_LINGER, seconds
    std::optional<int> keep_alive_idle_s = std::nullopt;      ///< TCP_KEEPIDLE
    std::optional<int> keep_alive_interval_s = std::nullopt;  ///< TCP_KEEPINTVL
    std::optional<int> keep_alive_count = std::nullopt;       ///< TCP_KEEPCNT
    std::optional<int> user_timeout_ms = std::nullopt;        ///< TCP_USER_TIMEOUT
    std::optional<int> max_segment = std::nullopt;            ///< TCP_MAXSEG, bytes
    std::optional<int> syn_retries = std::nullopt;            ///< TCP_SYNCNT
    std::optional<std::string> congestion = std::nullopt;     ///< TCP_CONGESTION: "cubic", "reno"
    friend bool operator==(const SocketOptions&, const SocketOptions&) = default;
};

// ---- steps of a script
// -------------------------------------------------------------------------------------------------

/// To a host's address, or to a name that is asked of DNS first; with neither, to the first server.
struct Connect {
    std::optional<Duration> timeout;
    std::string host = {};
    std::string name = {};
    std::optional<std::uint16_t> port = std::nullopt;       ///< absent: of the server on that host
    std::optional<std::uint16_t> from_port = std::nullopt;  ///< bound beforehand
    bool blocking = true;  ///< false: connect() returns at once, and poll() waits for its end
    friend bool operator==(const Connect&, const Connect&) = default;
};
struct Send {
    std::string data;                                   ///< one message; with a framing, its body
    std::uint32_t repeat = 1;                           ///< the data this many times over, as one message
    std::optional<std::uint32_t> chunk = std::nullopt;  ///< at most so many bytes per call
    Duration every = {};                                ///< pause after each call
    friend bool operator==(const Send&, const Send&) = default;
};
struct Recv {
    /// Exactly one is set: bytes to wait for, messages to wait for, or until the peer's end-of-file.
    std::optional<std::uint64_t> bytes = std::nullopt;
    std::optional<std::uint64_t> messages = std::nullopt;
    bool until_eof = false;
    std::optional<std::uint32_t> chunk = std::nullopt;  ///< at most so many bytes per call
    Duration every = {};                                ///< pause after each call: a slow reader
    std::optional<Duration> timeout = std::nullopt;     ///< the script goes on then, with what has come
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
/// Closes with a reset: SO_LINGER of 0, then close.
struct Reset {
    friend bool operator==(const Reset&, const Reset&) = default;
};
/// Asks DNS for a name's address.
struct Resolve {
    std::string name;
    friend bool operator==(const Resolve&, const Resolve&) = default;
};
/// ICMP echo requests, one after the other.
struct Ping {
    std::string host = {};  ///< or:
    std::string name = {};
    std::uint32_t count = 1;
    std::uint32_t size = 56;  ///< data bytes
    Duration every = Duration::seconds(1);
    friend bool operator==(const Ping&, const Ping&) = default;
};
/// Gets the host an address.
struct Dhcp {
    friend bool operator==(const Dhcp&, const Dhcp&) = default;
};
/// Names a moment for narration: becomes a Marker event.
struct Mark {
    std::string name;
    friend bool operator==(const Mark&, const Mark&) = default;
};
using StepAction = std::variant<Connect, Send, Recv, Wait, Shutdown, Close, Mark, Reset, Resolve, Ping, Dhcp>;
/// As a file writes it: "connect".
[[nodiscard]] constexpr std::string_view step_name(const StepAction& action) {
    constexpr std::string_view kNames[] = {"connect", "send",  "recv",    "wait", "shutdown", "close",
                                           "mark",    "reset", "resolve", "ping", "dhcp"};
    static_assert(std::size(kNames) == std::variant_size_v<StepAction>);
    return kNames[action.index()];
}
struct Step {
    StepAction action;
    /// Where it stands, for messages; no part of equality. 0 when unknown.
    int line = 0;
    int column = 0;
    std::size_t override_number = 0;  ///< from the command line: which --set, from 1
    friend bool operator==(const Step& a, const Step& b) { return a.action == b.action; }
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
    /// What it does with each accepted connection instead of a service; empty: the service.
    std::vector<Step> script = {};
    friend bool operator==(const Server&, const Server&) = default;
};

enum class Transport : std::uint8_t { Tcp, Udp };

struct Client {
    std::string name;
    std::string host;
    std::string after;  ///< name of the client that must have finished before this one starts; empty: at once
    std::string framing = "none";
    SocketOptions options;
    std::vector<Step> steps;
    /// More than one: a crowd. One program, one thread and as many nonblocking sockets, each with the steps
    /// for itself.
    std::uint32_t count = 1;
    /// Udp: each send() is one datagram, each recv() takes one (datagrams.hpp says what a script may not do).
    Transport transport = Transport::Tcp;
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
    Network network;
    Server server;                     ///< the first one
    std::vector<Server> more_servers;  ///< behind the first in the list `servers`
    bool no_server = false;            ///< an empty list `servers`: `server` means nothing
    std::vector<Client> clients;
    std::vector<WireRule> rules;
    std::vector<Narration> narration;
    friend bool operator==(const Scenario&, const Scenario&) = default;
};

}  // namespace synscope::scenario

#include "net/lab/tap_network.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "net/base/text.hpp"
#include "net/lab/netlink.hpp"

namespace synscope::lab {

namespace {

constexpr int kControlFd = 3;  ///< of the child
constexpr char kBegin = 'b';

/// One byte, the isolation, with a descriptor beside it (unix(7), SCM_RIGHTS).
struct DeviceMessage {
    char isolation = 0;
    iovec part{&isolation, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> beside{};
    msghdr header{};

    DeviceMessage() {
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = beside.data();
        header.msg_controllen = beside.size();
    }
    DeviceMessage(const DeviceMessage&) = delete;
    DeviceMessage& operator=(const DeviceMessage&) = delete;
};

Result<void, OsError> send_device(Isolation isolation, int fd) {
    DeviceMessage message;
    message.isolation = isolation == Isolation::NetworkOnly ? 'n' : 'u';
    cmsghdr* rights = CMSG_FIRSTHDR(&message.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    if (sendmsg(kControlFd, &message.header, MSG_NOSIGNAL) < 0) return failure(OsError{"sendmsg", errno, ""});
    return {};
}

/// The caller's word to begin; false when it has gone.
bool wait_for_begin() {
    char word = 0;
    ssize_t n = 0;
    while ((n = read(kControlFd, &word, 1)) < 0 && errno == EINTR) {
    }
    return n == 1 && word == kBegin;
}

UserError as_told(const OsError& error) {
    UserError told{"cannot set up the TAP device", concat(error.operation, " ", error.detail), ""};
    if (error.error != 0) append(told.where, concat(": ", std::string_view(std::strerror(error.error))));
    return told;
}

Result<void, OsError> configure(const TapHostOptions& options) {
    if (auto up = set_up(kTapInterface, {options.mac, options.mtu, true}); !up) return up;
    if (!options.address) return {};
    if (auto added = add_address(kTapInterface, *options.address, options.prefix_length); !added)
        return added;
    return options.gateway ? add_default_route(kTapInterface, *options.gateway) : Result<void, OsError>{};
}

std::vector<std::string> arguments_of(const TapHostOptions& options) {
    std::uint64_t mac = 0;
    for (const std::uint8_t octet : options.mac.octets)
        mac = mac << 8 | octet;
    std::vector<std::string> arguments{"tap-host", "--mac", concat(mac), "--mtu", concat(options.mtu)};
    if (options.address)
        arguments.insert(arguments.end(),
                         {"--address", options.address->text(), "--prefix", concat(options.prefix_length)});
    if (options.gateway) arguments.insert(arguments.end(), {"--gateway", options.gateway->text()});
    if (!options.command.empty()) {
        arguments.emplace_back("--");
        arguments.insert(arguments.end(), options.command.begin(), options.command.end());
    }
    return arguments;
}

[[nodiscard]] UserError become(std::vector<std::string> command) {
    std::vector<char*> argv;
    for (std::string& word : command)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    close(kControlFd);
    signal(SIGPIPE, SIG_DFL);
    execvp(argv[0], argv.data());
    return {concat("cannot run '", command[0], "': ", std::string_view(std::strerror(errno))), "", ""};
}

}  // namespace

Result<void, UserError> run_tap_host(const TapHostOptions& options) {
    const auto isolation = enter_own_network();
    if (!isolation) return failure(explain_denial(isolation.error()));
    {
        const auto tap = Tap::open(kTapInterface);
        if (!tap) return failure(explain_no_tap(tap.error()));
        if (auto done = configure(options); !done) return failure(as_told(done.error()));
        if (auto sent = send_device(*isolation, tap->fd()); !sent) return failure(as_told(sent.error()));
    }
    if (!wait_for_begin()) return {};
    if (!options.command.empty()) return failure(become(options.command));
    wait_for_begin();
    return {};
}

Result<std::optional<TapNetwork>, OsError> TapNetwork::start(const std::string& program,
                                                             const TapHostOptions& options, int output_fd) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return failure(OsError{"socketpair", errno, ""});
    std::vector<InheritedFd> descriptors{{kControlFd, ends[1]}, {STDOUT_FILENO, output_fd}};
    // A command is the terminal's, keys and Ctrl-C included; a mere keeper ends when we say so.
    const bool commanded = !options.command.empty();
    if (commanded) descriptors.push_back({STDIN_FILENO, STDIN_FILENO});
    auto child = Child::start(program, arguments_of(options), descriptors,
                              commanded ? ProcessGroup::Ours : ProcessGroup::Own);
    close(ends[1]);
    if (!child) {
        close(ends[0]);
        return failure(child.error());
    }
    TapNetwork network{std::move(*child), ends[0]};
    const auto there = network.receive_device();
    if (!there) return failure(there.error());
    if (!*there) return std::optional<TapNetwork>{};
    return std::optional<TapNetwork>{std::move(network)};
}

/// False when the child ended without having sent one.
Result<bool, OsError> TapNetwork::receive_device() {
    // glibc 2.36 declares pidfd_open() without C linkage.
    ended_fd_ = static_cast<int>(syscall(SYS_pidfd_open, child_.pid(), 0));
    if (ended_fd_ < 0) return failure(OsError{"pidfd_open", errno, ""});
    DeviceMessage message;
    ssize_t n = 0;
    while ((n = recvmsg(control_fd_, &message.header, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    const cmsghdr* rights = n > 0 ? CMSG_FIRSTHDR(&message.header) : nullptr;
    if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS) {
        child_.wait();
        return false;
    }
    std::memcpy(&tap_fd_, CMSG_DATA(rights), sizeof tap_fd_);
    isolation_ = message.isolation == 'n' ? Isolation::NetworkOnly : Isolation::UserAndNetwork;
    return true;
}

TapNetwork::TapNetwork(TapNetwork&& other) noexcept
    : child_(std::move(other.child_)),
      control_fd_(std::exchange(other.control_fd_, -1)),
      tap_fd_(std::exchange(other.tap_fd_, -1)),
      ended_fd_(std::exchange(other.ended_fd_, -1)),
      isolation_(other.isolation_) {}

TapNetwork::~TapNetwork() {
    for (const int fd : {control_fd_, tap_fd_, ended_fd_})
        if (fd >= 0) close(fd);
}

void TapNetwork::begin() {
    // It may have ended, which ended_fd() says.
    static_cast<void>(send(control_fd_, &kBegin, 1, MSG_NOSIGNAL));
}

ExitStatus TapNetwork::finish() {
    if (control_fd_ >= 0) close(std::exchange(control_fd_, -1));
    return child_.wait();
}

}  // namespace synscope::lab

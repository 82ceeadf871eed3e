#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "net/base/result.hpp"
#include "net/base/text.hpp"
#include "net/lab/probes.hpp"

namespace synscope::lab {
namespace {

constexpr int kConnectPatience_ms = 2000;
constexpr int kX11BasePort = 6000;

/// 0 when `address` takes a connection, else errno.
int try_connect(const sockaddr* address, socklen_t length) {
    const int fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return errno;
    int error = ::connect(fd, address, length) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        pollfd ready{fd, POLLOUT, 0};
        socklen_t size = sizeof error;
        if (::poll(&ready, 1, kConnectPatience_ms) != 1)
            error = ETIMEDOUT;
        else if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
    }
    ::close(fd);
    return error;
}

/// `path` may begin with a NUL: Linux' abstract names.
int try_unix(std::string_view path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    std::memcpy(address.sun_path, path.data(), path.size());
    const std::size_t length = offsetof(sockaddr_un, sun_path) + path.size() + (path.front() == '\0' ? 0 : 1);
    return try_connect(static_cast<const sockaddr*>(static_cast<const void*>(&address)),
                       static_cast<socklen_t>(length));
}

int try_tcp(const std::string& host, int port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), concat(port).c_str(), &hints, &found) != 0) return EHOSTUNREACH;
    int error = EHOSTUNREACH;
    for (const addrinfo* a = found; a != nullptr && error != 0; a = a->ai_next)
        error = try_connect(a->ai_addr, a->ai_addrlen);
    ::freeaddrinfo(found);
    return error;
}

/// X(7): "[host]:display[.screen]". 0 when the server answers, else errno; nothing when it is not such a
/// name.
std::optional<int> try_x11(std::string_view display) {
    const auto colon = display.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view host = display.substr(0, colon);
    const std::string_view digits = display.substr(colon + 1, display.find('.', colon) - colon - 1);
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size() || number < 0 || number > 59535)
        return std::nullopt;
    if (!host.empty() && host != "unix") return try_tcp(std::string(host), kX11BasePort + number);
    const std::string path = concat("/tmp/.X11-unix/X", number);
    const int refused = try_unix(path);
    return refused == 0 || try_unix(concat('\0', path)) == 0 ? 0 : refused;
}

int try_wayland(std::string_view display) {
    if (display.front() == '/') return try_unix(display);
    const char* folder = std::getenv("XDG_RUNTIME_DIR");
    return folder == nullptr ? ENOENT : try_unix(concat(std::string_view(folder), '/', display));
}

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view(value);
}

}  // namespace

Probe probe_display() {
    constexpr std::string_view kInstead =
        "; text, pictures and every command without a window work all the same";
    const std::string_view wayland = variable("WAYLAND_DISPLAY");
    const std::string_view x11 = variable("DISPLAY");
    Probe probe{"display", ProbeStatus::Ok, "", ""};
    if (!wayland.empty() && try_wayland(wayland) == 0) {
        probe.finding = concat("Wayland at ", wayland);
        return probe;
    }
    const auto refused = x11.empty() ? std::nullopt : try_x11(x11);
    if (refused == 0) {
        probe.finding = concat("X at ", x11);
        return probe;
    }
    probe.status = ProbeStatus::Missing;
    if (wayland.empty() && x11.empty()) {
        probe.finding = concat("neither WAYLAND_DISPLAY nor DISPLAY is set", kInstead);
        probe.remedy = "log in to a graphical desktop, or use ssh -X";
        return probe;
    }
    if (x11.empty())
        probe.finding = concat("nobody answers at WAYLAND_DISPLAY=", wayland, kInstead);
    else if (refused)
        probe.finding = concat("DISPLAY=", x11, ": ", std::string_view(std::strerror(*refused)), kInstead);
    else
        probe.finding = concat("DISPLAY=", x11, " names no display", kInstead);
    probe.remedy = "set DISPLAY to a running X server (\":0\"), or run under one: xvfb-run synscope";
    return probe;
}

}  // namespace synscope::lab

#pragma once
// What the echo servers of the benchmark have in common: a listener on a free port of 127.0.0.1, which they
// print as `synscope serve` does, and the size of a read. None sets TCP_NODELAY or any other socket option.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace synscope::bench {

inline constexpr std::size_t kReadSize = 65536;
inline constexpr int kBacklog = 4096;

[[noreturn]] inline void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

/// Listening, nonblocking.
inline int listen_somewhere() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) give_up("bind");
    if (::listen(fd, kBacklog) != 0) give_up("listen");
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return fd;
}

}  // namespace synscope::bench

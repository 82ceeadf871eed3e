#pragma once
// The binary interface between packetdrill and a TCP in a shared library (its option --so_filename): a table
// of functions that the library fills in. The order of the members is the interface; their names are ours.
//
// Every function takes `user` first; what follows, the result and errno are those of the system call of the
// same name, unless said otherwise. A member that stays null must not be asked for by a script. The table is
// owned by packetdrill, `user` by us until `release`. Thread rule: packetdrill calls from two threads, its
// main one and one that makes the blocking calls.

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace synscope::packetdrill {

// NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): the interface has two functions with "..."
struct Interface {
    void* user;
    void (*release)(void* user);

    int (*socket)(void* user, int domain, int type, int protocol);
    int (*bind)(void* user, int fd, const sockaddr* address, socklen_t length);
    int (*listen)(void* user, int fd, int backlog);
    int (*accept)(void* user, int fd, sockaddr* address, socklen_t* length);
    int (*connect)(void* user, int fd, const sockaddr* address, socklen_t length);
    ssize_t (*read)(void* user, int fd, void* to, size_t size);
    ssize_t (*readv)(void* user, int fd, const iovec* parts, int count);
    ssize_t (*recv)(void* user, int fd, void* to, size_t size, int flags);
    ssize_t (*recvfrom)(void* user, int fd, void* to, size_t size, int flags, sockaddr* from,
                        socklen_t* length);
    ssize_t (*recvmsg)(void* user, int fd, msghdr* message, int flags);
    ssize_t (*write)(void* user, int fd, const void* from, size_t size);
    ssize_t (*writev)(void* user, int fd, const iovec* parts, int count);
    ssize_t (*send)(void* user, int fd, const void* from, size_t size, int flags);
    ssize_t (*sendto)(void* user, int fd, const void* from, size_t size, int flags, const sockaddr* to,
                      socklen_t length);
    ssize_t (*sendmsg)(void* user, int fd, const msghdr* message, int flags);
    int (*fcntl)(void* user, int fd, int command, ...);
    int (*ioctl)(void* user, int fd, unsigned long request, ...);
    int (*close)(void* user, int fd);
    int (*shutdown)(void* user, int fd, int how);
    int (*getsockopt)(void* user, int fd, int level, int name, void* value, socklen_t* length);
    int (*setsockopt)(void* user, int fd, int level, int name, const void* value, socklen_t length);
    int (*poll)(void* user, pollfd* fds, nfds_t count, int timeout_ms);

    /// An IP datagram arrives at the stack. 0, or -1.
    int (*datagram_in)(void* user, const void* datagram, size_t size);
    /// The next datagram that leaves the stack. `size`: room on entry, length on return, 0 when nothing will
    /// ever come. `sent_at_us`: when it left, on the clock of time_of_day. It has no time limit of its own.
    int (*datagram_out)(void* user, void* datagram, size_t* size, long long* sent_at_us);
    /// Lets virtual time pass.
    int (*sleep_us)(void* user, useconds_t us);
    /// The only clock that packetdrill reads: it spins on it, so each reading must advance it.
    int (*time_of_day)(void* user, timeval* now, struct timezone* zone);

    int (*epoll_create)(void* user, int size);
    int (*epoll_ctl)(void* user, int epoll, int operation, int fd, epoll_event* event);
    int (*epoll_wait)(void* user, int epoll, epoll_event* events, int capacity, int timeout_ms);
    int (*pipe)(void* user, int ends[2]);
    ssize_t (*splice)(void* user, int from, loff_t* from_at, int to, loff_t* to_at, size_t size,
                      unsigned flags);
};
// NOLINTEND(cppcoreguidelines-pro-type-vararg)

}  // namespace synscope::packetdrill

/// What packetdrill looks up in the library and calls once, on its main thread. `flags` is the text of its
/// option --so_flags, or null.
extern "C" void packetdrill_interface_init(const char* flags, synscope::packetdrill::Interface* table);

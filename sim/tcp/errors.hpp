#pragma once
// What a user call answers when it cannot do what was asked: Linux's errno values on x86, as numbers of our
// own, because a pure folder does not include the system's. The caller builds blocking calls from Again and
// InProgress. Thread rule: values.

#include <cstddef>
#include <cstdint>

namespace synscope::sim::tcp {

enum class Error : std::uint16_t {
    None = 0,
    Intr = 4,
    BadDescriptor = 9,         ///< EBADF
    Again = 11,                ///< EAGAIN: would block
    NoMemory = 12,             ///< ENOMEM
    Access = 13,               ///< EACCES
    Fault = 14,                ///< EFAULT
    Invalid = 22,              ///< EINVAL
    TooManyFiles = 24,         ///< EMFILE
    BrokenPipe = 32,           ///< EPIPE
    Protocol = 71,             ///< EPROTO
    NotSocket = 88,            ///< ENOTSOCK
    DestinationRequired = 89,  ///< EDESTADDRREQ
    MessageSize = 90,          ///< EMSGSIZE
    NoProtocolOption = 92,     ///< ENOPROTOOPT
    ProtocolNotSupported = 93,
    NotSupported = 95,   ///< EOPNOTSUPP
    AddressFamily = 97,  ///< EAFNOSUPPORT
    AddressInUse = 98,
    AddressNotAvailable = 99,
    NetworkUnreachable = 101,
    ConnectionAborted = 103,
    ConnectionReset = 104,
    NoBuffers = 105,
    IsConnected = 106,
    NotConnected = 107,
    Shutdown = 108,
    TimedOut = 110,
    ConnectionRefused = 111,
    HostDown = 112,
    HostUnreachable = 113,
    Already = 114,
    InProgress = 115,
};

/// Bytes moved, or why none were. `error` is None when bytes moved, also when fewer than asked.
struct IoResult {
    std::size_t bytes = 0;
    Error error = Error::None;
    friend bool operator==(const IoResult&, const IoResult&) = default;
};

}  // namespace synscope::sim::tcp

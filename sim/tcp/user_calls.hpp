#pragma once
// User calls (RFC 9293 section 3.10.1 to 3.10.6) as they act on one connection; class Stack puts them behind
// ids. Private to sim/tcp. Thread rule: as Core.

#include "sim/tcp/core.hpp"

namespace synscope::sim::tcp {

// ---- OPEN, section 3.10.1
Error passive_open(Core& core, Tcb& t, std::uint32_t backlog);
enum class Syn : std::uint8_t { Now, WaitsForData };
Error active_open(Core& core, Tcb& t, const Endpoint& remote, Syn syn = Syn::Now);
Error bind_socket(Core& core, Tcb& t, const Endpoint& local);
/// What a connect() that went on in the background came to.
Error connect_again(Tcb& t, bool& handled) noexcept;
/// The SYN leaves, with `data` if fast open lets it. Bytes that went with it.
std::size_t send_first_syn(Core& core, Tcb& t, const Payload& data);

// ---- SEND, section 3.10.2
IoResult send_bytes(Core& core, Tcb& t, const Payload& bytes, SendFlags flags);
IoResult send_with_open(Core& core, Tcb& t, const Endpoint& remote, const Payload& bytes, SendFlags flags);

// ---- RECEIVE, section 3.10.3
IoResult receive_bytes(Core& core, Tcb& t, MutableByteSpan out, ReceiveFlags flags);
/// Whether there is nothing to wait for, and what a read answers then.
[[nodiscard]] std::optional<IoResult> read_answer_without_bytes(Tcb& t) noexcept;
Result<SocketId, Error> accept_connection(Core& core, Tcb& listener);

// ---- CLOSE, ABORT, sections 3.10.4 and 3.10.5
Error shutdown_socket(Core& core, Tcb& t, ShutdownHow how);
/// The user's part of CLOSE; what the protocol still has to do goes on.
void begin_close(Core& core, Tcb& t);
/// Its end: the user lets go. Begins it where that has not been.
void close_socket(Core& core, Tcb& t);
/// What a close() with SO_LINGER waits for the end of: not everything is acknowledged, the FIN included.
[[nodiscard]] bool is_closing(const Tcb& t) noexcept;
void abort_socket(Core& core, Tcb& t);
Error disconnect_socket(Core& core, Tcb& t);

// ---- STATUS, section 3.10.6
[[nodiscard]] std::uint32_t poll_socket(const Core& core, Tcb& t) noexcept;
[[nodiscard]] TcpInfo status(const Core& core, const Tcb& t) noexcept;
void apply_options(Core& core, Tcb& t, const SocketOptions& options);
/// TCP_NODELAY: also asked for again it pushes what is held back.
void set_no_delay(Core& core, Tcb& t);
void set_quick_ack(Core& core, Tcb& t, bool on);
[[nodiscard]] Error consume_error(Tcb& t) noexcept;

}  // namespace synscope::sim::tcp

#include "net/engine/ring.hpp"

#include <sys/mman.h>

#include <cerrno>

#include "net/base/text.hpp"

namespace synscope::engine {

namespace {

constexpr int kBufferGroup = 0;
/// Completions wait here until we look; more than fit are kept by the kernel, at a cost.
constexpr unsigned kCompletions = 4096;

int set_up(unsigned submissions, io_uring& ring, unsigned flags) {
    io_uring_params params{};
    params.flags = flags | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE;
    params.cq_entries = kCompletions;
    return -io_uring_queue_init_params(submissions, &ring, &params);
}

}  // namespace

Ring::~Ring() {
    if (created_) io_uring_queue_exit(&ring_);
    if (offers_ != nullptr) ::munmap(offers_, offers_bytes_);
}

int Ring::create(unsigned submissions) {
    // The kernel then does its part of the work when we enter and at no other time: no interrupts for
    // completions, no locks against other threads of ours (Linux 6.1).
    int error = set_up(submissions, ring_, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (error == EINVAL) error = set_up(submissions, ring_, 0);
    created_ = error == 0;
    return error;
}

bool Ring::provide_buffers(std::size_t size, unsigned short count) {
    offers_bytes_ = count * sizeof(io_uring_buf);
    void* memory = ::mmap(nullptr, offers_bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    offers_ = static_cast<io_uring_buf_ring*>(memory);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(offers_);
    registration.ring_entries = count;
    registration.bgid = kBufferGroup;
    if (io_uring_register_buf_ring(&ring_, &registration, 0) != 0) return false;
    buffer_size_ = size;
    buffer_count_ = count;
    buffers_ = std::make_unique_for_overwrite<std::byte[]>(size * count);
    for (unsigned short i = 0; i < count; ++i)
        offer(i);
    return true;
}

io_uring_sqe* Ring::submission(Calls& calls) {
    for (;;) {
        if (io_uring_sqe* free = io_uring_get_sqe(&ring_); free != nullptr) return free;
        calls.ring_enter(*this, 0);
    }
}

void Ring::accept(Calls& calls, int listener, std::uint64_t name) {
    io_uring_sqe* sqe = submission(calls);
    io_uring_prep_multishot_accept(sqe, listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    io_uring_sqe_set_data64(sqe, name);
}

void Ring::receive(Calls& calls, int fd, std::uint64_t name) {
    io_uring_sqe* sqe = submission(calls);
    io_uring_prep_recv_multishot(sqe, fd, nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = kBufferGroup;
    io_uring_sqe_set_data64(sqe, name);
}

void Ring::poll(Calls& calls, int fd, unsigned mask, std::uint64_t name) {
    io_uring_sqe* sqe = submission(calls);
    io_uring_prep_poll_add(sqe, fd, mask);
    io_uring_sqe_set_data64(sqe, name);
}

void Ring::cancel(Calls& calls, std::uint64_t name, std::uint64_t done) {
    io_uring_sqe* sqe = submission(calls);
    io_uring_prep_cancel64(sqe, name, 0);
    io_uring_sqe_set_data64(sqe, done);
}

void Ring::offer(unsigned short buffer) noexcept {
    io_uring_buf_ring_add(offers_, buffers_.get() + buffer * buffer_size_,
                          static_cast<unsigned>(buffer_size_), buffer, io_uring_buf_ring_mask(buffer_count_),
                          0);
    io_uring_buf_ring_advance(offers_, 1);
}

ByteSpan Ring::received(const io_uring_cqe& completion) const noexcept {
    if (completion.res <= 0 || (completion.flags & IORING_CQE_F_BUFFER) == 0) return {};
    const std::size_t buffer = completion.flags >> IORING_CQE_BUFFER_SHIFT;
    return {buffers_.get() + buffer * buffer_size_, static_cast<std::size_t>(completion.res)};
}

void Ring::give_back(const io_uring_cqe& completion) noexcept {
    if ((completion.flags & IORING_CQE_F_BUFFER) != 0)
        offer(static_cast<unsigned short>(completion.flags >> IORING_CQE_BUFFER_SHIFT));
}

std::optional<std::string> why_no_ring() {
    Ring ring;
    switch (const int error = ring.create(8)) {
        case 0:
            return std::nullopt;
        case ENOSYS:
            return "this kernel has no io_uring";
        case EPERM:
        case EACCES:
            return "io_uring is forbidden here, by a container's seccomp filter or by "
                   "kernel.io_uring_disabled";
        case ENOMEM:
            return "no memory may be locked for its queues (ulimit -l)";
        default:
            return concat("io_uring_setup: errno ", error);
    }
}

}  // namespace synscope::engine

#include "ui/model/call_kinds.hpp"

namespace synscope::model {

bool worth_drawing(Syscall call) noexcept {
    switch (call) {
        case Syscall::Socket:
        case Syscall::Bind:
        case Syscall::Setsockopt:
        case Syscall::Getsockopt:
        case Syscall::Fcntl:
        case Syscall::Ioctl:
        case Syscall::EpollCreate:
        case Syscall::EpollCtl:
        case Syscall::IoUringSetup:
        case Syscall::Eventfd:
        case Syscall::Sigaction:
            return false;
        default:
            return true;
    }
}

bool may_wait(Syscall call) noexcept {
    switch (call) {
        case Syscall::Accept:
        case Syscall::Connect:
        case Syscall::Poll:
        case Syscall::Select:
        case Syscall::EpollWait:
        case Syscall::IoUringEnter:
        case Syscall::Sigwait:
        case Syscall::Waitpid:
            return true;
        default:
            return reads_stream(call);
    }
}

}  // namespace synscope::model

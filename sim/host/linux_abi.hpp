#pragma once
// Numbers of Linux's socket interface on x86-64, our own table: a pure folder includes no system header, and
// a simulated program speaks Linux whatever the machine it runs on. Thread rule: constants.

#include <cstdint>

namespace synscope::sim::linux_abi {

inline constexpr int kAfUnspec = 0;
inline constexpr int kAfInet = 2;
inline constexpr int kSockStream = 1;
inline constexpr int kSockNonblock = 0x800;
inline constexpr int kSockCloexec = 0x80000;
inline constexpr int kIpprotoIp = 0;
inline constexpr int kIpprotoTcp = 6;

inline constexpr int kSolSocket = 1;
inline constexpr int kSoReuseAddr = 2;
inline constexpr int kSoType = 3;
inline constexpr int kSoError = 4;
inline constexpr int kSoSndBuf = 7;
inline constexpr int kSoRcvBuf = 8;
inline constexpr int kSoKeepAlive = 9;
inline constexpr int kSoOobInline = 10;
inline constexpr int kSoLinger = 13;
inline constexpr int kSoReusePort = 15;
inline constexpr int kSoRcvLoWat = 18;
inline constexpr int kSoAcceptConn = 30;
inline constexpr int kSoSndBufForce = 32;
inline constexpr int kSoRcvBufForce = 33;
inline constexpr int kSoProtocol = 38;
inline constexpr int kSoDomain = 39;

inline constexpr int kTcpNoDelay = 1;
inline constexpr int kTcpMaxSeg = 2;
inline constexpr int kTcpCork = 3;
inline constexpr int kTcpKeepIdle = 4;
inline constexpr int kTcpKeepIntvl = 5;
inline constexpr int kTcpKeepCnt = 6;
inline constexpr int kTcpSynCnt = 7;
inline constexpr int kTcpLinger2 = 8;
inline constexpr int kTcpDeferAccept = 9;
inline constexpr int kTcpWindowClamp = 10;
inline constexpr int kTcpInfo = 11;
inline constexpr int kTcpQuickAck = 12;
inline constexpr int kTcpCongestion = 13;
inline constexpr int kTcpThinLinearTimeouts = 16;
inline constexpr int kTcpUserTimeout = 18;
inline constexpr int kTcpFastOpen = 23;
inline constexpr int kTcpNotSentLoWat = 25;
inline constexpr int kTcpSaveSyn = 27;
inline constexpr int kTcpFastOpenConnect = 30;
inline constexpr int kTcpFastOpenNoCookie = 34;

inline constexpr int kIpTos = 1;
inline constexpr int kIpTtl = 2;

inline constexpr int kMsgOob = 0x1;
inline constexpr int kMsgPeek = 0x2;
inline constexpr int kMsgTrunc = 0x20;
inline constexpr int kMsgDontWait = 0x40;
inline constexpr int kMsgEor = 0x80;
inline constexpr int kMsgWaitAll = 0x100;
inline constexpr int kMsgNoSignal = 0x4000;
inline constexpr int kMsgMore = 0x8000;
inline constexpr int kMsgFastOpen = 0x20000000;

inline constexpr unsigned kSiocInq = 0x541b;
inline constexpr unsigned kSiocOutq = 0x5411;
inline constexpr unsigned kSiocOutqNsd = 0x894b;
inline constexpr unsigned kSiocAtMark = 0x8905;
inline constexpr unsigned kFioNbio = 0x5421;

inline constexpr int kEbadf = 9;
inline constexpr int kEagain = 11;
inline constexpr int kEinval = 22;
inline constexpr int kEmfile = 24;
inline constexpr int kEnotsock = 88;
inline constexpr int kEdestaddrreq = 89;
inline constexpr int kEnoprotoopt = 92;
inline constexpr int kEprotonosupport = 93;
inline constexpr int kEopnotsupp = 95;
inline constexpr int kEafnosupport = 97;
inline constexpr int kEnotconn = 107;
inline constexpr int kEinprogress = 115;

}  // namespace synscope::sim::linux_abi

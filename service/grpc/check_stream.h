// CheckStream: many checks on one stream, replies in the order in which they are done.
#pragma once

#include "service/grpc/call.h"

namespace winnow::rpc {

// Lives until the stream is done and no check of it runs. The stream is not read on while
// ServerOptions::stream_in_flight_max checks run or wait to be written, so that a caller that does
// not read its replies is held back by flow control.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NewCheckStream(
    const Runtime* runtime, grpc::CallbackServerContext* context);

}  // namespace winnow::rpc

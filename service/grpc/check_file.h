// CheckFile: a header, then chunks, then one verdict.
#pragma once

#include "service/grpc/call.h"

namespace winnow::rpc {

// Lives until the call is done. The next chunk is read when the one before has been scanned, so
// that a file costs one chunk of memory besides what the transport buffers.
grpc::ServerReadReactor<grpc::ByteBuffer>* NewCheckFile(const Runtime* runtime,
                                                        grpc::CallbackServerContext* context,
                                                        grpc::ByteBuffer* out);

}  // namespace winnow::rpc

module agent-platform/toolchain/builds/pause

go 1.26.0

// The page's program: a kernel's boards and cards load it; in an exported page, which carries a recording or a grid of them, it runs by itself.
import { replay, replayGrid } from "./replay.js";

export { Hub, PointMap, show } from "./board.js";

const carried = globalThis.document?.getElementById?.("tltutor-run"), grid = globalThis.document?.getElementById?.("tltutor-grid");
if (carried) replay(carried);
if (grid) replayGrid(grid);

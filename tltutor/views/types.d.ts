// What the modules of the page hand to one another. Types alone: no program contains this file, and no browser reads it.
import type { Filter } from "./points/filter.js";
import type { Look } from "./points/look.js";
import type { Motion } from "./points/motion.js";
import type { Viewport } from "./points/viewport.js";

// ---------------------------------------------------------------- a part, and who is at the other end

/** Bytes as they come: whoever needs numbers copies them, aligned. */
export type Bytes = DataView | Uint8Array | ArrayBuffer;

/** Hears "change:NAME" of a value without arguments, and "msg:custom" with a message and its bytes. */
export type Hear = (content: any, buffers: Bytes[]) => void;

/** What the page has of a widget: the board's hub speaks through one. */
export interface Model {
  get(name: string): any;
  send(content: object): void;
  on(event: string, act: Hear): void;
  off(event: string, act: Hear): void;
}

/** What a part has of whoever is at the other end, a kernel or a recording in the page. Values: what it knows, by name. */
export interface Channel<Values = any> {
  get<Name extends keyof Values & string>(name: Name): Values[Name];
  /** A value that a person chose; `save_changes` tells the other end. */
  set<Name extends keyof Values & string>(name: Name, value: Values[Name]): void;
  save_changes(): void;
  send(content: object): void;
  /** As `send`; where this is said faster than it is heard, only the last of each `what` is sent. */
  sendLast(content: object, what?: string): void;
  on(event: string, act: Hear): void;
  off(event: string, act: Hear): void;
  /** Values from the other end: all are there before anyone hears of one. */
  take(values: Partial<Values>): void;
  hub?: { pick(row: number, answers: () => Answers): void };
}

/** What a part is drawn from, and the element that it is drawn into. */
export interface Place<Values> {
  model: Channel<Values>;
  el: HTMLElement;
  /** Whether a recording answers: nothing can be changed. */
  recorded?: boolean;
}

export type End = () => void;

/** Listens to a page's events until it ends. */
export type Listen = (target: EventTarget, name: string, act: (event: any) => void) => void;

/** What a part returns: how it ends, and, where it need not be drawn anew, how it says everything in another language. */
export type Drawn = End | { end: End; retell: End };

// ---------------------------------------------------------------- what the parts know

export interface FrameValues { hidden: string[]; presenter: boolean; recorded: boolean }

export interface HeaderValues {
  options: Record<string, Option[]>;
  chosen: Record<string, string | number>;
  playing: boolean;
  /** Why Play sleeps; "" while it does not. */
  reason: string;
}

/** An option of a menu: its words, its value, the group it stands in. */
export type Option = [text: string, value: string | number, group?: string];

export interface StatusValues { shown: Status }

export interface Status { state: string; step: number; steps: number; device: string; rate: number | null; note: string }

export interface LanguageValues { title: string; about: string }
export interface ErrorValues { heading: string; details: string }
export interface NumbersValues {
  numbers: Record<string, number | null>;
  /** Whether the label-free judges are asked, and have rows. */
  judging: boolean;
  /** The step that each judge would have chosen so far, and the "oracle"'s. */
  chosen: Record<string, number>;
}
export interface ComparedValues { title: string; accuracy: number | null }

export interface CurvesValues { scale: ScaleWish; cursor: number }

/** How a person wants the loss axis. */
export type ScaleWish = "auto" | "linear" | "log";

export interface FootValues {
  link: string;
  reason: string;
  unfolded: boolean;
  folds: boolean;
  links: boolean;
  /** A file that is being made: how much of it is done. */
  making: { kind?: string; done?: number; total?: number };
}

export interface HappeningsValues {
  lines: [kind: Happening, first: number, last: number, n: number][];
  unfolded: boolean;
}

export type Happening = "right" | "wrong" | "fooled" | "caught" | "moved";

export interface TimelineValues {
  /** Int32, of each frame. */
  steps: Bytes;
  reached: number;
  /** A frame's number, -1 for live. */
  position: number;
  ticks: Tick[];
  /** The step that each label-free judge would have chosen so far, and the "oracle"'s. */
  chosen: Record<string, number>;
  settled: "" | "waiting" | "ready" | "shown";
}

/** Where something changed: the frame, what, and "change", "branch", "judge" or "oracle". */
export type Tick = [frame: number, text: string, kind: string];

export interface ControlsValues {
  rows: Setting[];
  values: Record<string, SettingValue>;
  /** What each acts as, beside its slider. */
  notes: Record<string, string>;
}

export type SettingValue = number | string | boolean;

/** A setting as it is declared: with `steps` its slider walks over these, else from `low` to `high` by `step`. */
export interface Setting {
  name: string;
  title: string;
  about: string;
  scale: "linear" | "log" | "int" | "choice" | "switch";
  choices?: [text: string, value: string][];
  steps?: number[];
  low?: number;
  high?: number;
  step?: number;
  /** Where a grid of recordings answers: whether its values choose between them. */
  acts?: boolean;
}

export interface NetworkValues {
  stages: Stage[];
  about: NetworkAbout;
  /** How many stages do not train. */
  frozen: number;
  losses: Record<string, number>;
  weight: number;
  /** Whether the transfer term can move the network. */
  acts: boolean;
  flow: { stages?: Flow[] };
  /** Int16 (stages, g, g): the class that each place of the plane is nearest to in a stage; or empty. */
  fields: Bytes;
}

export interface Stage { name: string; shape: number[]; parameters: number; batchnorm: boolean }

export interface NetworkAbout { features: number; classes: number; branch: Branch; term: string; owner: string }

/** How the method reaches the network. */
export type Branch = "none" | "labels" | "distance" | "discriminator" | "heads" | "predictions" | "teacher" | "statistics" | "decoder";

/** What the last look measured at a stage: gradient norms, the cosine between them, how well a line tells the domains apart. */
export interface Flow { task?: number | null; transfer?: number | null; cosine?: number | null; apart?: number | null }

export interface MapValues {
  about: { n?: number; classes?: string[]; domains?: string[]; tile?: Tile; width?: number; texts?: string[] };
  version: number;
  labels: Bytes;
  is_target: Bytes;
  sprites: Bytes;
  vectors: Bytes;
  xy: Bytes;
  predictions: Bytes;
  values: Bytes;
  value_names: string[];
  axes: Bytes;
  laid_out: number;
  regions: Bytes;
  extent: Box;
  lines: Bytes;
  chosen: Bytes;
  title: string;
  title_values: Title[1];
  asked: number;
  group: string;
  view: Partial<MapView>;
  presenter: boolean;
  step: number;
  note: string;
  sequence: number;
  pulse: number;
  playing: boolean;
  stalled: boolean;
}

// ---------------------------------------------------------------- a lesson's cards

/** An answer to the learner: its mood, as a name and as a word, and its text; all are missing where nothing is said. */
export interface Note { mood?: string; lead?: string; text?: string }

export interface QuestionValues {
  words: { kind: string; question: string; button: string };
  field: QuestionField;
  /** What is chosen, typed or drawn so far; null for nothing. */
  draft: any;
  note: Note;
  /** Why the card sleeps; "" while it does not. */
  reason: string;
  /** The learner's own run, over a sketch. */
  truth: Pair[];
  closed: boolean;
}

/** What a question is answered with; each kind has its own values. */
export interface QuestionField {
  kind: "options" | "number" | "sketch";
  options?: [text: string, id: string][];
  low?: number;
  high?: number;
  about?: string;
  xs?: number[];
  bounds?: Pair;
  words?: Record<string, string>;
}

/** Draws a field: what is known of it, the draft, whether it takes no other answer. */
export type Field = (field: QuestionField, draft: any, closed: boolean, truth: Pair[]) => void;

/** Makes a field in a place. name: the id of what is asked; choose: tells another draft; commit: as the card's button. */
export type FieldPlace = (place: Element, about: { name: string; choose: (draft: any) => void; commit: () => void }) => Field;

export interface SummaryValues { note: Note }

export interface VoteValues {
  kind: string;
  question: string;
  options: string[];
  count: string;
  /** Where to answer while answers are taken; {} otherwise. */
  join: { address?: string; size?: number; path?: string };
  buttons: [action: string, words: string][];
  lines: [text: string, cameTrue: boolean, rounds: [words: string, share: number][]][];
  /** What opens the lines. */
  fold: string;
  unfolded: boolean;
  remarks: string[];
  note: Note;
  /** Whether the page asks to look once a second. */
  live: boolean;
  looked: number;
}

export interface ExerciseValues {
  kind: string;
  title: string;
  note: Note;
  opened: [title: string, text: string, code: boolean][];
  /** What it opens next; "" for nothing. */
  button: string;
  solved: boolean;
}

export interface CodesValues {
  /** The lines of each, and whether the other one lacks the line. */
  codes: [line: string, differs: boolean][][];
  titles: string[];
  question: string;
  mistake: boolean;
}

export interface LessonValues {
  title: string;
  goals: [text: string, done: boolean][];
  words: Record<string, [name: string, sentence: string]>;
  remark: string;
  says: Record<"count" | "words" | "keys" | "reached" | "open", string>;
  languages: Record<string, string>;
  language: string;
}

// ---------------------------------------------------------------- the map

/** Left, bottom, right, top. */
export type Box = [left: number, bottom: number, right: number, top: number];
export type Pair = [x: number, y: number];

/** A sheet of pictures: how many stand in a row, and each one's size in pixels. */
export type Tile = [columns: number, width: number, height: number];

/** Whether to take point i. */
export type Keep = (i: number) => boolean;

/** The points of a map, which stay; every array holds a value a point. */
export interface Points {
  n: number;
  /** The classes as the kernel calls them. */
  names: string[];
  /** The same in the language in use. */
  classes: string[];
  /** The names of source and target. */
  domains: string[];
  /** -1 for none. */
  labels: Int16Array;
  /** 0 or 1. */
  isTarget: Uint8Array;
  /** (n, width): what stands in a tooltip where the points are no images. */
  vectors: Float32Array;
  width: number;
  texts?: string[];
  tile?: Tile;
  /** A PNG. */
  sprites?: Bytes | null;
  /** The sheet, once `openPicture` has begun to load it, and its address. */
  picture?: HTMLImageElement;
  address?: string;
}

/** Points whose sheet of pictures was opened. */
export type Pictured = Points & { picture: HTMLImageElement; tile: Tile };

/** A class for each point; empty where nothing is predicted. */
export type Predictions = ArrayLike<number>;

/** Decision regions: the class of each cell of a square grid (g, g), row 0 at the bottom, and the box that it fills. */
export interface Grid { grid: Int16Array; extent: Box }

/** One frame of a run, as `PointMap.setFrame` takes it: where the points are after a step. */
export interface Frame {
  /** (n, 2). */
  xy: Float32Array;
  predictions: Predictions;
  step: number;
  /** What changed since the frame before, in words. */
  note?: string;
  /** (k, 2), the tips of a linear map's axes. */
  axes?: Float32Array | null;
  regions?: Grid | null;
  /** (k, 3), a transport plan: source row, target row, share of the mass. */
  lines?: Float32Array | null;
  /** Whether it was asked for by itself, and is not one of a stream. */
  alone?: boolean;
}

/** A frame on its way to the screen. */
export interface ShownFrame {
  motion: Motion;
  predictions: Predictions;
  step: number;
  note: string;
  regions: Grid | null;
  lines: Float32Array | null;
  axes: Float32Array | null;
  names: Name[];
  namesWere: Name[] | null;
  /** Whether all points lie in one place. */
  flat: boolean;
}

/** A class's name on the map: its place, how widely its points lie, how surely it belongs there (0 to 1). */
export interface Name { x: number; y: number; wide: number; sure: number }

/** Which part of the plane is seen: its center, and k units to a pixel. */
export interface View { x: number; y: number; k: number }

/** What the last look measured of each point, by name: weight, confidence, loss, opinion, changed, origin, trust. */
export type Measured = Record<string, Float32Array>;

/** A point's nearest source points in feature space, and how far all points are from it. */
export interface Near { row: number; rows: number[]; all: Float32Array }

/** What network and discriminator say of each point. */
export interface Answers { predictions: Predictions; opinion?: ArrayLike<number> }

export type Kind = "class" | "domain";

/** What the legend is hovered for. */
export interface Lit { what: Kind; key: number }

/** What a map can show beside its points. */
export interface Layers {
  names: boolean;
  wrong: boolean;
  centroids: boolean;
  trails: boolean;
  pictures: boolean;
  density: boolean;
  faint: boolean;
  fade: boolean;
  regions: boolean;
}

export type Layer = keyof Layers;

/** What a selection is called: English, and what fills its places, of which one may be a title itself. */
export type Title = [text: string, values: { [name: string]: string | number | Title }];

/** How a person wants to see a map, as plain numbers and names. */
export interface MapView { layers: Partial<Layers>; tint: string; hidden: Hidden; held: View | null }

/** Classes, by name, and domains, by number, that are switched off. */
export interface Hidden { classes?: string[]; domains?: number[] }

/** The mean of some points. */
export interface Center { x: number; y: number; n: number }

/** A class's centers in source and target, and how far they lie apart, as a share of the map's spread. */
export interface Centers { source: Center | null; target: Center | null; gap: number | null }

/** How many points of a selection are source, target, wrong, and judged at all. */
export interface Counts { source: number; target: number; wrong: number; judged: number }

/** A line from (x0, y0) to (x1, y1). */
export type Segment = number[];

/** A smoothed histogram: `cell` is the width of a cell. */
export interface Density { grid: Float64Array; columns: number; rows: number; left: number; bottom: number; cell: number }

/** A mark that is drawn once and stamped often; `half` its size. */
export interface Stamp { canvas: HTMLCanvasElement; half: number }

/** A source and a target mark for each color of a tint, and a ring for each class, the first for none. */
export interface Stamps { radius: number; scale: number; tint: string; colors: string[]; marks: [Stamp, Stamp][]; rings: Stamp[] }

/** What a layer of the picture is painted from. */
export interface Scene {
  points: Points;
  frame: ShownFrame;
  viewport: Viewport & { view: View };
  look: Look;
  filter: Filter;
  lit: Lit | null;
  layers: Layers;
  colors: string[];
  stamps: Stamps;
  /** How strongly each point is drawn. */
  alphas: Float32Array;
  /** Which of the tint's colors each point has. */
  hues: Uint16Array;
  /** How much each source point counts, 1 on average; where all count alike, undefined. */
  weights?: Float32Array;
  centers: Centers[] | null;
}

// ---------------------------------------------------------------- the curves

/** A curve: (step, value), in the order of the steps. */
export type Curve = Pair[];
export type Series = Record<string, Curve>;

/** What was changed at a step, in words. */
export type Change = [step: number, text: string];

/** An axis. */
export interface Range { low: number; high: number; log: boolean }

// ---------------------------------------------------------------- a recording in a page

/** What an exported page carries, its arrays inflated. `steps`, `looks` and `frames` are lists a frame or a look. */
export interface Run {
  title: string;
  about: RunAbout;
  /** English -> the page's language. */
  words: Record<string, string>;
  /** Which of the run's frames are kept: one of so many. */
  every: number;
  points: PackedPoints;
  frames: PackedFrames;
  looks: PackedLooks;
  steps: PackedSteps;
  /** Int16 (n, k): the nearest source points of each point at the last look. */
  near: Uint8Array | null;
  regions: PackedRegions | null;
  /** Int16 (stages, g, g): each stage's decision field at the last look. */
  fields: Uint8Array | null;
  series: Record<string, [step: number, value: number | null][]>;
  changes: Change[];
  /** The step that each label-free judge would have chosen, and the "oracle"'s; none where no judge was asked. */
  chosen: Record<string, number>;
  happenings: [kind: Happening, first: number, last: number, title: string, rows: number[]][];
  board: PackedBoard | null;
  /** Why the run did not come to its end; "" where it did. */
  failed?: string;
}

/** What a page of many runs carries beside them; each run is in an element of its own, "tltutor-run-0" and so on. */
export interface PackedGrid {
  title: string;
  /** The language that the page begins with, and the translations of each. */
  language: string;
  words: Record<string, Record<string, string>>;
  axes: { name: string, values: SettingValue[] }[];
  rows: Setting[];
  /** Each set of points once; a run says which one is its own. */
  points: PackedPoints[];
  runs: GridRun[];
  /** The run that the page opens with. */
  first: number;
}

/** at: for each axis the place of its value. points: the place of its points. accuracy: on the target at the end, null where unknown. */
export interface GridRun { at: number[]; points: number; accuracy: number | null }

export type RunAbout = Record<string, unknown> & { pair?: string; objective?: string; projection?: string; seed?: number; steps?: number; laid_out?: number };

export interface PackedPoints {
  n: number;
  classes: string[];
  domains: string[];
  /** Int16 (n,). */
  labels: Uint8Array;
  isTarget: Uint8Array;
  /** Float32 (n, width). */
  vectors?: Uint8Array;
  width?: number;
  texts?: string[];
  tile?: Tile;
  sprites?: Uint8Array;
  /** Another number for other points; 1 where a page has one set of them. */
  version?: number;
}

/** xy: each frame's places in its box, as `fromPlanes` reads them. looks: the number of the look that each frame shows. */
export interface PackedFrames { steps: number[]; looks: number[]; boxes: Place2D[]; xy: Uint8Array }

/** frames: the grid behind each frame, -1 for none. grids: side x side cells each, as `fromPlanes` reads them. boxes: left, bottom, right, top. */
export interface PackedRegions { frames: number[]; side: number; boxes: Box[]; grids: Uint8Array }

/** Left, bottom, width, height. */
export type Place2D = [left: number, bottom: number, width: number, height: number];

/** bytes: of a prediction. marked: the look before the last mark. values: what is known of each point, in levels. */
export interface PackedLooks {
  predictions: Uint8Array;
  bytes: number;
  names: string[];
  numbers: (number | null)[][];
  flow: Flow[][];
  marked: number[];
  values: Record<string, { low: number; high: number; levels: Uint8Array }>;
  lines: PackedLines | null;
}

/** The transport plan of each look: counts lines, their source rows (uint16) before their target rows, their masses in 255 levels of the largest one. */
export interface PackedLines { counts: number[]; most: number[]; rows: Uint8Array; levels: Uint8Array }

/** What the last step before each frame gave: its losses by term, and what the settings acted as. */
export interface PackedSteps { terms: string[]; losses: (number | null)[][]; acting: string[]; values: (SettingValue | null)[][] }

/** The network's outline, the settings' rows, where they began and what they were set to. */
export interface PackedBoard {
  stages: Stage[];
  around: NetworkAbout;
  rows: Setting[];
  values: Record<string, SettingValue>;
  changes: [step: number, name: string, value: SettingValue][];
}

/** A look at the network, read. */
export interface ReadLook { predictions: Int16Array; numbers: Record<string, number>; flow: Flow[]; values: Measured; lines: Float32Array }

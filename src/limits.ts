// Every bound of the system in one place, so that a reader can see what a process may use at most.
// Units stand last in the name; `_MAX` and `_MIN` say which side is bounded. A limit that an operator
// may set is an option (config/options.ts) and only its default stands here.

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

// --- A hit -------------------------------------------------------------------------------------
/** Longer referrers are cut at this many bytes (browsers cap theirs at 4 KiB, Fetch §referrer). */
export const REFERRER_BYTES_MAX = 4 * KIB;
/** Longer agents are cut at this many bytes; the longest real ones are under 1 KiB. */
export const AGENT_BYTES_MAX = 2 * KIB;
/** `Sec-Purpose` and its kin are a token or two. */
export const PURPOSE_BYTES_MAX = 64;
/** The longest textual address: an IPv6 address with an embedded IPv4 one. */
export const ADDRESS_BYTES_MAX = 45;
/** Minted codes have 16 characters; codes brought from elsewhere may be longer. */
export const CODE_BYTES_MAX = 64;
/** A verdict and a visitor in place of the facts that they were worked out of. */
export const WITHHELD_BYTES_MAX = 512;
/** All that one note says about a pixel or a hit, as JSON. */
export const NOTE_BYTES_MAX = 8 * KIB;
/** One encoded record, whatever its kind. The journal refuses a longer one (a programmer's error). */
export const EVENT_BYTES_MAX = 16 * KIB;

// --- The public listener -----------------------------------------------------------------------
/** Request line and headers together; past it the client gets 431. */
export const REQUEST_HEAD_BYTES_MAX = 16 * KIB;
export const REQUEST_HEADERS_MAX = 100;
/** From the first byte of a request to the end of its headers. */
export const REQUEST_HEAD_MS_MAX = 10_000;
/** From the first byte of a request to the end of its body (bodies only go to the API). */
export const REQUEST_MS_MAX = 60_000;
/** An idle keep-alive connection is closed after this (longer than common proxies' 60 s). */
export const KEEP_ALIVE_MS_MAX = 65_000;
/** How long a connection that we have ended waits for the client to end it too. */
export const LINGER_MS_MAX = 5_000;
/** Open connections of one collector process; further ones are closed at once. */
export const CONNECTIONS_MAX = 16_384;
/** Of one collector, on its port, each for its share of the connections; one where ports cannot be shared. */
export const LISTENING_SOCKETS = 4;
/** Past this much unsent or unread, a connection is not read from. Node still reads one chunk of 64 KiB. */
export const SOCKET_BUFFER_BYTES = 16 * KIB;
/** Requests of one connection that are answered at once before the others have their turn. */
export const REPLIES_PER_TURN_MAX = 8;
/** What Node's http server is given to parse at once (collector/gate.ts). */
export const GATE_PIECE_BYTES_MAX = 4 * KIB;
/** A store process that has not begun its answer by then is a 504 (exports stream, so first byte only). */
export const FORWARD_MS_MAX = 30_000;
/** Requests that one collector has under way at the store process. */
export const FORWARDS_MAX = 512;
/** Those of one client's address: strangers have to be several to keep the others from the API. */
export const FORWARDS_PER_CLIENT_MAX = 64;
/** A client that sends nothing of its request's body for so long gets 408. */
export const FORWARD_BODY_MS_MAX = 10_000;
/** How long answers of the store process may go on when the collector drains; hits need no such time. */
export const FORWARD_DRAIN_MS_MAX = 3_000;
/** Codes whose MAC was found right lately (collector/admission.ts). */
export const CODE_CACHE_ENTRIES_MAX = 16_384;
/** Codes brought from elsewhere, at eight bytes each in every collector. */
export const REGISTERED_CODES_MAX = 5_000_000;
/** How soon a collector notices newly registered ones. */
export const REGISTERED_CODES_POLL_MS = 1_000;
/** How soon a collector notices that a pixel's mode was changed, or a pixel erased. */
export const PIXEL_MODES_POLL_MS = 1_000;
/** Pixels with a mode of their own or erased, at nine bytes each in every collector. */
export const PIXEL_MODES_MAX = 20_000_000;
/** Right ignore-this-browser cookies seen lately (collector/own-browsers.ts). */
export const OWN_BROWSERS_MAX = 1_024;
/** How often a process looks whether a visitor salt is to be made or destroyed. */
export const VISITOR_SALT_TEND_MS = 60_000;
/** So long before a day begins its salt is made, so that no hit has to wait for it. */
export const VISITOR_SALT_AHEAD_MS = 60 * 60 * 1_000;
/** So long after a day's end its salt is destroyed; 48 hours from the day's beginning are promised. */
export const VISITOR_SALT_BEHIND_MS = 60 * 60 * 1_000;
/** Client addresses seen lately, with their policy applied: peers, and as many behind trusted proxies. */
export const ADDRESS_CACHE_ENTRIES_MAX = 16_384;

// --- The journal -------------------------------------------------------------------------------
/** Records of one batch; also what may gather while a commit is in flight. Two such buffers a writer. */
export const BATCH_BYTES_MAX = 4 * MIB;
/** A segment is closed when the next batch would pass this; the option's default. */
export const SEGMENT_BYTES_DEFAULT = 64 * MIB;
/** Zeros that a segment's file is grown by ahead of its batches; see journal/segment.ts. */
export const ROOM_BYTES = 1 * MIB;
/** Journal and archive together; the option's default. */
export const JOURNAL_BYTES_DEFAULT = 16 * GIB;
/** What a writer leaves free on the disk for everybody else; the option's default. */
export const DISK_FREE_BYTES_DEFAULT = 256 * MIB;
/** How often a writer measures the journal and the disk, and tries again after a failure. */
export const JOURNAL_PROBE_MS = 500;
/** How often store process and relay archive segments that they have passed, and apply retention. */
export const JOURNAL_TEND_MS = 5_000;
/** Writers that may share one journal directory (collectors, the API's, leftovers being drained). */
export const WRITERS_MAX = 256;

/** A segment with records is closed when it is this old, so that ARCHIVE_DAYS holds where little comes in. */
export const SEGMENT_AGE_MS_MAX = 86_400_000;
/** How long a writer has to begin a new segment when it is asked to; it looks at every probe. */
export const ROTATION_MS_MAX = 10_000;
export const ROTATION_POLL_MS = 25;

// --- Erasure ------------------------------------------------------------------------------------
/** How soon the worker notices a job that another process left in its folder. */
export const ERASURE_POLL_MS = 500;
/** Back-off after a job that could not be done: a disk that is full, a store that is away. */
export const ERASURE_RETRY_MS = 5_000;
/** From the moment that an erased pixel is said to be so until every collector keeps nothing of it. */
export const ERASURE_SETTLE_MS = 2_500;
/** So many texts are looked for in a segment's bytes before its records are decoded; not more. */
export const ERASURE_NEEDLES_MAX = 16;
/** A piece of the visit log that is looked through at a time. */
export const ERASURE_PIECE_BYTES = 1 * MIB;
/** Hits of one pixel that an export has in memory at a time. */
export const EXPORT_HITS = 1_000;
/** How often hits that are older than HIT_DAYS leave the store. */
export const EXPIRE_MS = 3_600_000;
/** A clock that jumps ahead by more is not believed when things are removed for their age. */
export const CLOCK_AHEAD_MS_MAX = 86_400_000;
/** It is after all once it went evenly, but for this much, for so long: time enough to set it right. */
export const CLOCK_AGREES_MS = 60_000;
export const CLOCK_SETTLES_MS = 3_600_000;

// --- The loader --------------------------------------------------------------------------------
/** Journal bytes that one store transaction takes at most. */
export const LOAD_BYTES_MAX = 8 * MIB;
/**
 * A longer append to the visit log is written and synced by such pieces: at once it would hold up, for tens
 * of milliseconds, the processor that it runs on and the commits of journals on the same disk.
 */
export const LOG_PIECE_BYTES_MAX = 1 * MIB;
/** How long the loader sleeps when nothing is new; a read that needs it wakes it at once. */
export const LOAD_IDLE_MS = 100;
/** How long an API read waits for the loader before it answers 503. */
export const BARRIER_MS_MAX = 10_000;
/** The same once it is known that loading fails. */
export const BARRIER_FAILING_MS_MAX = 1_500;
/** How often a loader that has nothing to load asks whether the store still has what it had. */
export const LOAD_LOOK_MS = 5_000;
/** How long a draining store process still loads; the next one goes on from there. */
export const LOAD_DRAIN_MS_MAX = 3_000;
/** Back-off after a store's or visit log's failure. */
export const LOAD_RETRY_MS_MIN = 100;
export const LOAD_RETRY_MS_MAX = 5_000;

// --- The embedded store ------------------------------------------------------------------------
/**
 * Hits that lie in the order of arrival before they are moved to the sorted ones: more are slower to
 * search, fewer make more sorted runs, each of which costs a query for one pixel a fifth of a millisecond
 * (bench/load.ts).
 */
export const RECENT_HITS_MAX = 1_000_000;
/** Reads under way at once. Each takes one of libuv's four threads, which loads and the journal need too. */
export const STORE_READS_MAX = 2;
/** The same of those that may take seconds, of which one at a time is under way. */
export const STORE_LONG_READS_WAITING_MAX = 64;
/** So many viewers' earlier looks are looked up one by one; of more, all looks are read. */
export const LOOKED_UP_MAX = 10_000;
/** Hits that are added to what was counted already; fewer are counted by every question about all hits. */
export const TALLY_HITS_MIN = 5_000;
/** While hits come in, those of this time before the newest are not: others may still come before them. */
export const TALLY_MARGIN_MS = 10_000;
/** Counting beforehand may take this share of the time; a larger one where somebody asks. */
export const TALLY_SHARE_MAX = 0.03;
export const TALLY_ASKED_SHARE_MAX = 0.25;
/** About so many hits are counted at a time: they are held in memory. */
export const TALLY_PART_HITS = 500_000;
/** Reads that wait for their turn; further ones are refused, and may be tried again. */
export const STORE_READS_WAITING_MAX = 1_024;

// --- The bus -----------------------------------------------------------------------------------

/**
 * A longer text in another system's message makes it unreadable; what is longer than a hit's field is
 * cut.
 */
export const MESSAGE_TEXT_CHARS_MAX = 64 * KIB;
/** Requests to the bus that the relay has under way at once. */
export const RELAY_REQUESTS_MAX = 16;
/** Messages that wait in the relay for such a request; the rest waits in the journal. */
export const RELAY_MESSAGES_MAX = 2_000;
/** How often the relay looks for new events in the journal. */
export const RELAY_IDLE_MS = 50;
/** How often the relay looks for new slots, and measures how far it is behind. */
export const RELAY_LOOK_MS = 1_000;
/**
 * How often the relay makes its place in the journal durable; what lies between is sent again after a
 * crash.
 */
export const RELAY_CURSOR_MS = 200;
/**
 * From the wish to end to the end of sending what the journal still holds; the rest waits for the next
 * start.
 */
export const RELAY_DRAIN_MS_MAX = 5_000;
/** How long it then waits for answers that are under way. Both fit into what collectors leave of a drain. */
export const RELAY_STOP_MS_MAX = 1_000;
/** A request to the bus that has no answer by then has failed (a wait for messages takes 20 s longer). */
export const BUS_REQUEST_MS_MAX = 10_000;
export const BUS_CONNECT_MS_MAX = 3_000;
/** Back-off after a failure of the bus, with full jitter. */
export const BUS_RETRY_MS_MIN = 200;
export const BUS_RETRY_MS_MAX = 20_000;
/** Receivers that wait for messages at once when there are many; a single one does when there are few. */
export const CONSUMER_RECEIVERS_MAX = 8;
/** Messages and bytes of them that are in hand and not yet in the store. */
export const CONSUMER_MESSAGES_MAX = 4_000;
export const CONSUMER_BYTES_MAX = 16 * MIB;
/** How long the consumer goes on with what it has in hand when it ends; then it gives the messages back. */
export const CONSUMER_DRAIN_MS_MAX = 3_000;
/** How often it is looked whether a queue has dead letters that can be taken back. */
export const DEAD_LETTERS_LOOK_MS = 10_000;
/** Between two batches of them. */
export const DEAD_LETTERS_PAUSE_MS = 100;
/** How long dead letters that cannot be read are left alone (SQS: 12 hours at most). */
export const DEAD_LETTER_SHELF_S = 3_600;
/** Unreadable messages that are remembered, so that each is logged and counted once. */
export const UNREADABLE_REMEMBERED_MAX = 10_000;
// --- QuestDB ------------------------------------------------------------------------------------
/** Queries under way at QuestDB at once, besides the one connection that loads need. */
export const QUESTDB_READS_MAX = 4;
/** From the first try to a connection that is ready for queries. */
export const QUESTDB_CONNECT_MS_MAX = 5_000;
/** One query; less than FORWARD_MS_MAX, so that the answer still is ours. */
export const QUESTDB_QUERY_MS_MAX = 20_000;
/** How long one write may be silent, besides the time that its bytes take at QUESTDB_WRITE_BYTES_PER_S. */
export const QUESTDB_WRITE_MS_MAX = 5_000;
export const QUESTDB_WRITE_BYTES_PER_S = 5 * MIB;
/** From a write's acknowledgement to the moment when queries see it. */
export const QUESTDB_APPLY_MS_MAX = 20_000;
/** How often a starting store process asks for QuestDB's parameters, which may fail for no reason. */
export const QUESTDB_PARAMETERS_ATTEMPTS = 5;
/** How long a starting store process waits for a QuestDB that does not answer. */
export const QUESTDB_START_MS_MAX = 3_000;
/** Hits of so many days are redacted at a time: a load that comes in between waits for one such part. */
export const QUESTDB_REDACTED_DAYS = 4;
/** Erased pixels whose rows one query looks for. */
export const QUESTDB_SWEPT_AT_ONCE = 64;
/**
 * Pauses after which rows of an erased pixel are looked for again: a write that was given up may arrive
 * late.
 */
export const QUESTDB_SWEEP_AGAIN_MS: readonly number[] = [60_000, 600_000];
/** How long a load with an erasure in it waits for the rows to be redacted; then it goes on beside. */
export const QUESTDB_SWEEP_WAIT_MS = 2_000;

/** Pixels whose rows of QuestDB's catalogue are brought up to date at a time. */
export const CATALOGUE_CODES = 50_000;
/** How long a list of pixels waits for that, once after an upgrade; then it is tried again later. */
export const CATALOGUE_WAIT_MS_MAX = 15_000;

// --- Importing ---------------------------------------------------------------------------------
/** Rows that are read, kept durably and remembered as done at a time. */
export const IMPORT_ROWS = 20_000;
/** Rows of which it is asked at a time how their days look; a query has QUESTDB_QUERY_MS_MAX. */
export const IMPORT_LOOK_ROWS = 4_000_000;
/** Rows of the very same time, which are read in one page. */
export const IMPORT_INSTANT_ROWS_MAX = 1_000_000;
/**
 * Years of the rows that are imported, from the first to before the last: none of the stores, and no
 * event, can have every time that QuestDB can (hit/event.ts; ILP's nanoseconds end in 2262).
 */
export const IMPORT_YEAR_MIN = 1970;
export const IMPORT_YEAR_END = 2255;
/** An import ends when journal and archive take this share of their bound: live hits need the rest. */
export const IMPORT_JOURNAL_SHARE_MAX = 0.75;

// --- The API -----------------------------------------------------------------------------------
export const BODY_BYTES_MAX = 1 * MIB;
export const INFO_HITS_DEFAULT = 1_000;
export const INFO_HITS_MAX = 10_000;
/** Errors that one problem document names; a body with thousands of pixels may have more. */
export const PROBLEM_ERRORS_MAX = 50;
/** Pixels on a page of a list of them. */
export const PIXELS_LISTED_DEFAULT = 50;
export const PIXELS_LISTED_MAX = 1_000;
/** Campaigns on a page of a list of them. */
export const CAMPAIGNS_LISTED_DEFAULT = 50;
export const CAMPAIGNS_LISTED_MAX = 1_000;
/** A text that is searched for, in UTF-8. */
export const SEARCH_BYTES_MAX = 512;
/** Hits on a page of those of one pixel. */
export const PIXEL_HITS_DEFAULT = 100;
export const PIXEL_HITS_MAX = 10_000;
/** Pixels that one request mints. Nearly always they fit into one commit of the journal (BATCH_BYTES_MAX). */
export const BATCH_PIXELS_MAX = 10_000;
/** Such a request's body: 3 kB for each pixel when there are as many as may be. */
export const BATCH_BODY_BYTES_MAX = 32 * MIB;
export const IDEMPOTENCY_KEY_CHARS_MAX = 255;
/** What is said about one pixel, or of one hit, as a request's body: room for escapes and white space. */
export const PROPERTIES_BODY_BYTES_MAX = 32 * KIB;
/**
 * Recipient, label and campaign in UTF-8 (an address of mail has 254 at most, RFC 5321 §4.5.3.1.3). A note
 * holds them and the metadata as JSON, where each byte may become two: all together fit NOTE_BYTES_MAX.
 */
export const PROPERTY_BYTES_MAX = 512;
/** A pixel's metadata as JSON without white space, in UTF-8. */
export const METADATA_BYTES_MAX = 2 * KIB;
/** How far ahead mail may be planned. */
export const SENT_AHEAD_DAYS_MAX = 366;
/** How long a link to ignore a browser may be followed. */
export const OWN_LINK_SECONDS = 24 * 60 * 60;
/** How long a browser is ignored: Chrome keeps no cookie for longer than 400 days. */
export const OWN_COOKIE_SECONDS = 400 * 24 * 60 * 60;
/** Values of one dimension that a query may ask for at once. */
export const FILTER_VALUES_MAX = 100;
/** From the beginning of the day so many days ago, where a query does not say from when. */
export const RANGE_DAYS_DEFAULT = 30;
/** From 1970 to today is less. */
export const RANGE_DAYS_MAX = 36_600;
/** Buckets in one answer, those of all groups together. */
export const STATISTICS_POINTS_MAX = 10_000;
export const STATISTICS_GROUPS_DEFAULT = 20;
export const STATISTICS_GROUPS_MAX = 1_000;
/** A page of `GET /v1/hits`. */
export const HITS_DEFAULT = 100;
export const HITS_MAX = 10_000;
/** Exports under way; further ones are to be asked for again. */
export const EXPORTS_MAX = 4;
/**
 * Hits that an export has in memory at a time. Each page costs the embedded store a look at one or two
 * sorted runs (RECENT_HITS_MAX), so larger ones are cheaper; past some 12,000 DuckDB puts them in order
 * another, thirty times slower way.
 */
export const EXPORT_PAGE_HITS = 10_000;
/** Pixels that an export has in memory at a time. */
export const EXPORT_PAGE_PIXELS = 5_000;
/** Rows of a Parquet file's row group: its columns are made while nothing else can be done. */
export const PARQUET_GROUP_ROWS = 10_000;
/** Rows that are made into text at a time. */
export const EXPORT_PIECE_ROWS = 500;
/** An export whose client takes nothing for so long is broken off. */
export const EXPORT_STALL_MS_MAX = 120_000;
/** How long exports may go on when the process ends. */
export const EXPORT_DRAIN_MS_MAX = 3_000;
/** The embedded store's own memory; the option's default. */
export const STORE_MEMORY_BYTES_DEFAULT = 512 * MIB;

// --- Live hits ---------------------------------------------------------------------------------
/** Streams under way; further clients are to come again later. */
export const LIVE_STREAMS_MAX = 100;
/** Hits that are kept for streams that are slow, or come back. Some 1 KiB each. */
export const LIVE_HITS_MAX = 10_000;
/** So long after the last stream has ended they are kept for whoever comes back. */
export const LIVE_LINGER_MS = 60_000;
/** What one stream is told a second; of more it is told the number. */
export const LIVE_EVENTS_PER_SECOND_MAX = 200;
/** The same for a stream of one campaign, where it is to be looked up of which one each hit is. */
export const LIVE_LOOKUPS_PER_SECOND_MAX = 2_000;
/** Hits that are written to a stream at a time. */
export const LIVE_BATCH_HITS = 200;
/** Of those that a stream missed, so many of the newest are read from the store. */
export const LIVE_REPLAY_HITS_MAX = 5_000;
/** Hits come into the store this much out of the order of their times. */
export const LIVE_OVERLAP_MS = 10_000;
/** Journal writers of which a stream's place tells how far it is: collectors since their last start. */
export const LIVE_WRITERS_MAX = 32;
/** A silent stream is told so often that it is still there; proxies end connections after 30 s and more. */
export const LIVE_HEARTBEAT_MS = 15_000;
/** How soon a client comes back. */
export const LIVE_RETRY_MS = 1_000;
/** A stream whose client takes nothing for so long is broken off. */
export const LIVE_STALL_MS_MAX = 60_000;

// --- Who may do what ----------------------------------------------------------------------------
/** Tokens that live at once, without the installation's own. */
export const TOKENS_MAX = 100;
export const TOKEN_NAME_CHARACTERS_MAX = 64;
/** A token as somebody sends it; an API_TOKEN has 512 characters at most. */
export const TOKEN_CHARACTERS_MAX = 512;
/** A body with a token, or with a name and scopes. */
export const TOKEN_BODY_BYTES_MAX = 4 * KIB;
/** How soon the store process notices that a command made or revoked a token. */
export const TOKENS_POLL_MS = 500;
/** How long a sign-in link may be used, once. */
export const SIGN_IN_LINK_SECONDS = 60 * 60;
/** Unused sign-in links; a further one takes the place of the oldest. */
export const SIGN_IN_LINKS_MAX = 10;
/** A file of tokens or sessions; a longer one is damaged. Full ones have some 30 and 400 KiB. */
export const SECRET_FILE_BYTES_MAX = 1 * MIB;
/** How long somebody who wants to change such a file waits for another process that does. */
export const SECRET_FILE_WAIT_MS_MAX = 5_000;
export const SECRET_FILE_PROBE_MS = 10;
/** How often it is written down when tokens were used last. */
export const LAST_USES_KEEP_MS = 60_000;
/** How long a browser stays signed in. */
export const SESSION_SECONDS = 30 * 24 * 60 * 60;
/** Of one token; a further one ends its oldest. */
export const SESSIONS_PER_TOKEN_MAX = 20;
/** Session cookies of one request that are looked at: a browser sends one, a tosser of cookies many. */
export const SESSION_COOKIES_MAX = 4;
/** Wrong tokens from one network until further ones are refused unread… */
export const AUTH_FAILURES_MAX = 20;
/** …and how long it takes until one more may be tried. */
export const AUTH_FAILURE_FORGOTTEN_MS = 6_000;
/** Networks that sent wrong tokens lately; further ones share their counts (access/attempts.ts). */
export const AUTH_NETWORKS_MAX = 65_536;
export const AUTH_SHARED_NETWORKS = 1_024;
/** How often networks that have recovered are looked for while there is no room. */
export const AUTH_NETWORKS_SWEEP_MS = 1_000;
/** How often it is looked whether those still may have them who get answers that go on. */
export const ANSWERS_LOOK_MS = 1_000;
/** How long a browser may remember that an origin is allowed; no longer than an operator would wait. */
export const CORS_REMEMBERED_SECONDS = 600;

// --- Processes ---------------------------------------------------------------------------------
/** From SIGTERM to the end; then the process gives up and says so by its exit code. */
export const DRAIN_MS_MAX = 10_000;
/** The collectors' share of it; what is left of it is the store's, which drains after them. */
export const COLLECTORS_DRAIN_MS_MAX = 7_000;
/** Ctrl-C reaches a process twice when npm or a launcher passes it on: within this it counts once. */
export const SIGNAL_REPEAT_MS_MAX = 500;
/** From the start of a server to all of its collectors being ready, the first time. */
export const START_MS_MAX = 60_000;
/** How long a server whose collectors are ready waits for its store before it greets without it. */
export const FOLLOWERS_WAIT_MS_MAX = 5_000;
/**
 * The same at the first start with a store elsewhere: longer than it takes that store's process to refuse
 * what is no QuestDB or does not answer (QUESTDB_START_MS_MAX, QUESTDB_CONNECT_MS_MAX at either door, and
 * QUESTDB_WRITE_MS_MAX), so that a server which is set up wrongly ends and does not greet.
 */
export const FIRST_STORE_WAIT_MS_MAX = 30_000;
/** Failures in a row of one collector after which a server that never collected gives up. */
export const START_FAILURES_MAX = 5;
/** Failures in a row of every collector after which a server that collected gives up (some 45 s). */
export const RESTART_FAILURES_MAX = 12;
export const RESTART_MS_MIN = 100;
export const RESTART_MS_MAX = 10_000;
/** A child that lived this long is healthy again: its back-off starts anew. */
export const RESTART_RESET_MS = 10_000;
/** How long a starting process waits for a predecessor's lock (a killed supervisor's children). */
export const LOCK_WAIT_MS_MAX = 15_000;
/** How long a rebuild waits for the store: one that cannot be opened is claimed for a moment at each try. */
export const REBUILD_CLAIM_WAIT_MS_MAX = 3_000;
/** How long it waits for the public port: a predecessor's collectors stop listening as soon as they drain. */
export const PORT_WAIT_MS_MAX = 5_000;
/** How often it looks again at a lock or a port. */
export const WAIT_PROBE_MS = 100;
/** How long a process has to answer for its metrics or readiness; then it counts as silent. */
export const CONTROL_MS_MAX = 1_000;
/** Such an answer at most; real ones are some 50 kB. */
export const CONTROL_BYTES_MAX = 4 * MIB;
/** How long a command that is done waits for whoever reads its output. */
export const OUTPUT_MS_MAX = 5_000;
/** Log lines that wait while stderr cannot be written (a full disk); later ones are dropped. */
export const LOG_BACKLOG_BYTES_MAX = 64 * KIB;

// --- Verdicts ----------------------------------------------------------------------------------
/** An agent is judged by so many characters: real ones are shorter, and hostile ones cost by length. */
export const AGENT_JUDGED_CHARACTERS_MAX = 1_024;
/** Agents whose verdict is remembered, in two halves (verdict/agent-cache.ts); some 1 KiB each. */
export const AGENT_CACHE_ENTRIES_MAX = 32_768;
/** Rows of one file of networks; Apple's list has some 300,000. */
export const NETWORK_ROWS_MAX = 2_000_000;
/** A file of networks or countries; the largest country databases are some 100 MiB. */
export const REFERENCE_BYTES_MAX = 512 * MIB;
/** Decoded records of the database of countries that are kept. */
export const COUNTRY_RECORDS_MAX = 4_096;
/** How often a process looks whether a file of networks or countries was replaced. */
export const REFERENCE_POLL_MS = 10_000;
/** One line given to `truepixel classify`: an agent, an address and headers with room to spare. */
export const CLASSIFY_LINE_BYTES_MAX = 64 * KIB;
/** A hit from a mail-security network this soon after sending is a sign of a scanner; an option's default. */
export const SCAN_NETWORK_SECONDS_DEFAULT = 45;
/** A hit this soon after sending is a sign of a scanner, whoever it is; an option's default. */
export const SCAN_SENT_SECONDS_DEFAULT = 7;
/** This many different codes… */
export const SCAN_CODES_MIN = 3;
/** …from one address within so many seconds are a sign of a scanner; an option's default. */
export const SCAN_CODES_SECONDS_DEFAULT = 3;
/** How often `truepixel reclassify` asks how far it is. */
export const RECLASSIFY_TELL_MS = 500;
/** Hits that are judged anew at a time. */
export const REJUDGE_HITS = 5_000;
/** Codes of which the loader remembers when their mail was sent. */
export const SENT_TIMES_MAX = 200_000;
/** A look so soon after the same viewer's look before is a repeat; an option's default. */
export const REPEAT_SECONDS_DEFAULT = 10;
/** Addresses whose latest codes are remembered for that, in two halves (verdict/recent-codes.ts). */
export const RECENT_ADDRESSES_MAX = 65_536;
/** Building the dashboard takes seconds; a start does not wait longer than this for it. */
export const DASHBOARD_BUILD_MS_MAX = 120_000;

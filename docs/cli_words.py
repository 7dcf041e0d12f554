"""What the pages of the command line say beside the parser: an example of each command, the keys of --json, Chinese."""

from __future__ import annotations

PAGE = {
    "en": {
        "head": """# The command line

`stepahead COMMAND --help` says all of this in the shell. Data go to stdout, messages and notes to stderr.
""",
        "arguments": "Arguments: ",
        "comma": ", ",
        "options": "| option | what it does |",
        "default": " (default: {default})",
        "json": "`--json` prints one object; what is no finite number is null:",
        "keys": "| key | what it holds |",
        "codes": "## Exit codes",
        "code_head": "| code | when |",
        "completion": """## Completion

In bash: `eval "$(_STEPAHEAD_COMPLETE=bash_source stepahead)"`; with `zsh_source` in zsh, `fish_source` in fish.
""",
    },
    "zh": {
        "head": """# 命令行

`stepahead 命令 --help` 在终端里列出同样的内容（英文）。数据写到 stdout，消息和说明写到 stderr。
""",
        "arguments": "参数：",
        "comma": "、",
        "options": "| 选项 | 作用 |",
        "default": "（默认：{default}）",
        "json": "`--json` 打印一个对象；不是有限数的写成 null：",
        "keys": "| 键 | 内容 |",
        "codes": "## 退出码",
        "code_head": "| 退出码 | 什么时候 |",
        "completion": """## 自动补全

bash：`eval "$(_STEPAHEAD_COMPLETE=bash_source stepahead)"`；zsh 用 `zsh_source`，fish 用 `fish_source`。
""",
    },
}

COMMANDS = {
    "evaluate": {
        "example": "stepahead evaluate --data seattle_temperature --horizon 32 --within 8",
        "en": "The answer, and the error by number of steps from every held-out origin. FILE is CSV, Parquet or WAV.",
        "zh": "给出答案，以及从每个留出的起点出发、按步数的误差。FILE 是 CSV、Parquet 或 WAV。",
    },
    "report": {
        "example": "stepahead report --data el_nino --horizon 12 --out report.html",
        "en": "The same as [one HTML page](report.md) that needs no network. The headline is also printed.",
        "zh": "同样的内容，写成一个不用联网的[网页](../report.md)；答案的第一句话也会打印。",
    },
    "forecast": {
        "example": "stepahead forecast --data co2 --horizon 8 --level 0.9",
        "en": "The next steps as CSV, from models that are fitted on all of the series, or from a saved one.",
        "zh": "往后各步的预测（CSV），来自在整条序列上拟合的模型，或者保存过的模型。",
    },
    "audit": {
        "example": "stepahead audit load.csv --value mw --time hour --model ar.safetensors",
        "en": "Whether anything at or after an origin reaches the forecasts of a saved model: [the audit](audit.md).",
        "zh": "起点及以后的值有没有进入一个已保存模型的预测：[因果审计](../audit.md)。",
    },
    "demo": {
        "example": "stepahead demo --out stepahead-demo",
        "en": "The teaching note from its data to its figures, the answer, and pages in both languages.",
        "zh": "把教学笔记从数据一直跑到图，给出答案，并写好两种语言的网页。",
    },
    "datasets": {
        "example": "stepahead datasets --out data",
        "en": "The series that come with the library, for `--data NAME`: real ones, and a shop that is simulated.",
        "zh": "库里自带的序列，给 `--data NAME` 用：真实的序列，还有一家模拟的商店。",
    },
    "models": {
        "example": "stepahead models",
        "en": "The models that `--models` knows.",
        "zh": "`--models` 认识的模型。",
    },
    "shard": {
        "example": "stepahead shard sales.parquet shards --shards 8",
        "en": "Cuts a long table into Parquet files of whole series, for `stepahead run`: [scale](scale.md).",
        "zh": "把长表切成若干个 Parquet 文件，每条序列都完整，给 `stepahead run` 用：[规模](../scale.md)。",
    },
    "run": {
        "example": "stepahead run spec.json shards out --workers 8",
        "en": "Scores every series of a folder of shards. A run that was stopped goes on where it was.",
        "zh": "给一个文件夹里的每条序列打分；停下来的运行会接着做。",
    },
}

SHAPES: dict[str, dict[str, tuple[str, str]]] = {
    "evaluate": {
        "schema": ("1: of these keys and their meaning", "1：这些键和含义的版本"),
        "command": ("`evaluate`", "`evaluate`"),
        "series": (
            "name, length, first and last time; of a panel a list",
            "名字、长度、第一个和最后一个时间；多条序列时是列表",
        ),
        "status": ("of a panel what became of each series", "多条序列时，每条的结果"),
        "train": ("from how many values on is scored", "从第几个值之后开始计分"),
        "columns": (
            "`name` and `kind` of each other column: `known`, `calendar`, `foreseen` or `past`",
            "其他各列的 `name` 和 `kind`：`known`、`calendar`、`foreseen` 或 `past`",
        ),
        "horizon": ("the largest step", "最大的步数"),
        "origins": ("how many held-out origins", "留出的起点数"),
        "steps": ("the steps scored", "打分的步"),
        "n": ("how many forecasts count at each step", "每一步计入多少个预测"),
        "stride": ("every which of the held-out origins is scored", "每几个留出的起点取一个"),
        "intervals": (
            "of models whose forecasts came with a distribution what it is worth by step, and what it is made of",
            "自带分布的模型：按步数的读数，以及分布由什么构成",
        ),
        "fits": (
            "of each model what is known of its fit: kind, how many values it has seen, the clause",
            "每个模型的拟合：种类、见过多少个值、怎么说",
        ),
        "models": ("of each model and baseline every reading, a list by step", "每个模型和基线的各种读数，按步的列表"),
        "season": ("its periods in steps, found or given", "季节的周期（步），找到的或给定的"),
        "season_found": ("the same in words, with the test value", "同样内容的文字，带检验值"),
        "baselines": ("the names of the baselines", "基线的名字"),
        "answer": ("the answer, below; null where there is none", "答案，见下；没有时是 null"),
        "answer.headline": ("the one sentence, in the language of `--lang`", "那一句话，语言由 `--lang` 决定"),
        "answer.second": ("how far off, or how far within `--within`", "误差多少，或在 `--within` 以内到第几步"),
        "answer.third": ("what to use at the other steps", "其余各步该用什么"),
        "answer.facts": ("the paragraphs below the table, by heading", "表下面的各段，按标题"),
        "answer.kind": (
            "`trusted`, `not better`, `too few` or `infinite`",
            "`trusted`、`not better`、`too few` 或 `infinite`",
        ),
        "answer.model": ("the model that the headline speaks of", "那一句话说的模型"),
        "answer.use": ("of each step the row to use", "每一步该用的行"),
        "answer.models": (
            "of each model `kind`, `first` and `last` step it can be trusted at, `step`, and there `saving`, `low`, "
            "`high`; `origins_wanted`",
            "每个模型的 `kind`、可信的 `first` 和 `last` 步、`step` 以及那里的 `saving`、`low`、"
            "`high`；`origins_wanted`",
        ),
        "answer.season": (
            "the periods of the seasons that were found and not given, or null",
            "找到而不是给定的季节的周期，或 null",
        ),
        "answer.baselines": ("the baselines that had to be beaten", "必须胜过的基线"),
        "answer.notes": ("codes with their values", "代码和数值"),
        "answer.within": (
            "with `--within`, of each model `steps` shown, share `measured` by step, `p` by step",
            "用 `--within` 时，每个模型证明到的 `steps`、各步的比例 `measured` 和 `p`",
        ),
        "noise_floor": ("where a simulator knows it, by step", "模拟序列知道时，各步的噪声下限"),
        "notes": ("what there is to know about data and fits", "关于数据和拟合的说明"),
    },
    "forecast": {
        "schema": ("1", "1"),
        "command": ("`forecast`", "`forecast`"),
        "status": ("of a panel what became of each series", "多条序列时，每条的结果"),
        "columns": (
            "`name` and `kind` of each other column: `known`, `calendar`, `foreseen` or `past`",
            "其他各列的 `name` 和 `kind`：`known`、`calendar`、`foreseen` 或 `past`",
        ),
        "forecasts": (
            "a list of rows: `k`, `time`, a value for each model, with `--level` also `NAME low` and `NAME high`",
            "各行的列表：`k`、`time`、每个模型的值；用 `--level` 时还有 `名字 low` 和 `名字 high`",
        ),
        "notes": ("what there is to know about data and fits", "关于数据和拟合的说明"),
    },
    "audit": {
        "schema": ("1", "1"),
        "command": ("`audit`", "`audit`"),
        "model": ("its name", "模型的名字"),
        "verdict": ("`causal`, `leaks` or `not decided`", "`causal`、`leaks` 或 `not decided`"),
        "causal": ("true only where nothing leaks", "没有泄漏时才是 true"),
        "horizon": ("how many steps were compared", "比较了几步"),
        "train": ("how many values of the file are the training part", "文件的前几个值是训练段"),
        "leaks": ("each leak that was found", "找到的每一处泄漏"),
        "sensitive": ("false where no forecast ever moved", "没有任何预测变动过时是 false"),
        "cuts": ("how many places the values were rewritten behind", "在几处之后改写了值"),
        "refits": ("how many fits were made again", "重新拟合的次数"),
        "compared": ("how many forecast rows were compared", "比较的预测行数"),
        "stopped": ("at how many cuts the model refused the rewritten values", "在几处模型拒绝了改写的值"),
        "exhaustive": ("whether every cut was tried", "是否试了所有的切点"),
        "deterministic": ("whether two runs gave the same bits", "两次运行是否逐位相同"),
        "prefixes": ("at how many cuts the series could end there", "在几处把序列截断过"),
        "gaps": ("at how many cuts values could be missing from there on", "在几处把以后的值变成缺失过"),
        "alone": ("at how many cuts all of it ran in an isolated process too", "在几处也在独立进程里运行过"),
        "not_isolated": ("why none had, where none had", "没有独立进程时的原因"),
        "tolerance": ("by how much a forecast may move", "预测可以变动多少"),
        "files_written": ("files that the runs wrote", "运行写过的文件"),
        "files_read": ("files that they read", "运行读过的文件"),
        "files_carried": ("files that one run left for another", "一次运行留给另一次的文件"),
        "beyond": ("what the audit cannot see", "审计看不到的东西"),
        "rewritten": (
            "`values`, or with past columns `values and past columns`",
            "`values`，有仅知过去的列时为 `values and past columns`",
        ),
        "columns": ("the columns that the model uses", "模型使用的列"),
        "known": ("those of them that were taken as known ahead, on your word", "其中按您的说法作为预先已知的列"),
        "foreseen": ("those that were taken as if foreseen", "其中视同已预见的列"),
        "known_cuts": ("at how many cuts the columns known ahead were rewritten", "在几处改写了预先已知的列"),
        "idle": ("whether no forecast moved with any of these columns", "是否没有预测随这些列改变"),
        "notes": ("what there is to know about the data", "关于数据的说明"),
    },
    "run": {
        "schema": ("1", "1"),
        "command": ("`run`", "`run`"),
        "spec": ("what was asked for", "要求了什么"),
        "out": ("the folder of the scores", "分数所在的文件夹"),
        "shards": ("what became of each shard", "每个分片的结果"),
        "series": ("how many were `scored`, how many `failed`", "打分（`scored`）和失败（`failed`）的条数"),
        "failures": ("the first of them, with why", "前几条失败的，以及原因"),
        "notes": ("notes, and of how many series", "说明，以及各有多少条序列"),
    },
}
"""The keys of --json; a dot leads into an object."""

CODES = {
    0: ("done", "完成"),
    1: ("a fault of ours", "库自己的错误"),
    2: ("an option or an argument is not allowed, or an extra is not installed", "选项或参数不对，或缺少要装的部分"),
    3: ("the data cannot be read, or nothing can be fitted on them", "数据读不了，或没法拟合"),
    4: ("a model file is none, or damaged", "不是模型文件，或已损坏"),
    5: ("too little memory, or a file cannot be written", "内存不够，或文件写不了"),
    6: ("done, but for some series", "完成，但有的序列失败"),
    7: (
        "done, and the answer is no: `--at-least` is not reached, or an audit finds a leak or cannot decide",
        "完成，而答案是“否”：没有达到 `--at-least`，或者审计发现泄漏、无法判定",
    ),
    130: ("stopped by Ctrl-C", "被 Ctrl-C 停止"),
}

CHINESE = {
    "Folder of the figures.": "图片的文件夹。",
    "Of the noise and of the net.": "噪声和网络的随机种子。",
    "Language of what is printed and drawn.": "打印和绘图的语言。",
    "that of LC_MESSAGES or LANG": "LC_MESSAGES 或 LANG 的语言",
    "A series of `stepahead datasets` in place of FILE.": "用 `stepahead datasets` 里的一条序列代替 FILE。",
    "Column of the values; may be left out where there is only one.": "值所在的列；只有一列时可以不写。",
    "Column of the times; several that are parts of a time with commas.": (
        "时间所在的列；一个时间分在几列时用逗号隔开。"
    ),
    "Column that tells many series of a long table apart; several with commas.": (
        "长表中区分多条序列的列；几列用逗号隔开。"
    ),
    "Refuse missing values, or leave out what touches them.": "拒绝缺失值，或略去碰到它们的部分。",
    'Step of time, such as 1D or 1h, or days: B, Sun-Thu, "B, DE". A gap is then an error, or missing.': (
        '时间的步长，如 1D、1h；或哪些天：B、Sun-Thu、"B, DE"。有缺口就报错，或算作缺失。'
    ),
    "Of a CSV file.": "CSV 文件的编码。",
    "Decimal mark of a CSV file.": "CSV 文件的小数点。",
    "The values are labels, even where they look like numbers.": "值是标签，哪怕看上去像数字。",
    "Columns known ahead of their time, such as promo,price. Rows at the end without values are to come.": (
        "事先已知的列，如 promo,price。末尾没有值的行是将要到来的。"
    ),
    "Columns that are measured with the values, and read up to the origin alone.": "和值一起测得的列，只读到起点为止。",
    "Columns made of the times: weekday, hour, month, weekend, trend, year:2, holidays:DE, with commas.": (
        "由时间得到的列：weekday、hour、month、weekend、trend、year:2、holidays:DE，用逗号隔开。"
    ),
    "The clock that people live by, for times in UTC: Europe/Berlin.": "时间是 UTC 时，人们生活的时区：Europe/Berlin。",
    "Columns of --past taken as if they were foreseen: an upper bound on what they can give.": (
        "把 --past 的列当作能预见的：它们的作用的上限。"
    ),
    "Words from `stepahead models`, with commas.": "`stepahead models` 里的词，用逗号隔开。",
    "auto,ar,ssa, with known columns regressed too; for text markov": (
        "auto,ar,ssa，有已知列时还有 regressed；文字序列是 markov"
    ),
    "How many past values a model reads.": "模型往回读几个值。",
    "The largest number of steps ahead.": "最远向前几步。",
    "the smaller of 64 and a tenth of the values": "64 与值数十分之一中较小的",
    "Share, or number of values, of the training part.": "训练段的比例，或值的个数。",
    "found, where FILE begins with it": "FILE 以训练段开头时自动找到",
    "Steps of a season, such as 12 or 7,365: its baselines are added.": "季节的步数，如 12 或 7,365：加入它的基线。",
    "What is compared: squared, absolute, or pinball(.9).": (
        "比较哪种损失：squared（平方）、absolute（绝对值）或 pinball(.9)。"
    ),
    "squared; of symbols log": "squared；符号序列用 log",
    "Folder for the figure and the errors by step as CSV.": "保存图和各步误差（CSV）的文件夹。",
    "Folder for the fitted models.": "保存训练好的模型的文件夹。",
    "One JSON object instead of the table.": "输出一个 JSON 对象，代替表格。",
    "Score every so many held-out origins: for models that are slow.": "每几个留出的起点计分一次：用于慢的模型。",
    "Up to which step do forecasts lie within so much, in the unit of the values?": (
        "到第几步为止，预测的误差在这么多以内（用值的单位）？"
    ),
    "Of the forecasts, that has to lie within --within.": "必须在 --within 以内的预测比例。",
    "Exit with code 7 unless a model is trusted from step 1 to so many at least.": (
        "除非有模型从第 1 步起至少可信到这一步，否则退出码是 7。"
    ),
    "The model that has to be, for --at-least.": "--at-least 所指的模型。",
    "any": "任何一个",
    "The HTML file to write.": "要写的 HTML 文件。",
    "A saved model, instead of fitting one.": "用保存过的模型，不再拟合。",
    "Add an interval that holds this share of what comes, such as 0.9.": "加上应当包住这么大比例真值的区间，如 0.9。",
    "One JSON object instead of CSV.": "输出一个 JSON 对象，代替 CSV。",
    "A saved model.": "保存过的模型。",
    "By how much a forecast may move, of the largest.": "预测最多可以变动最大值的多少。",
    "not by one bit": "一位也不能变",
    "One JSON object instead of words.": "输出一个 JSON 对象，代替文字。",
    "At most so many files.": "最多几个文件。",
    "10,000 series or 5,000,000 rows each": "每个文件 10,000 条序列或 5,000,000 行",
    "Column of the values.": "值所在的列。",
    "Column of the times; left out where the rows are in order.": "时间所在的列；各行已按顺序时可以不写。",
    "Column that tells the series apart.": "区分序列的列。",
    "Who does the work.": "由谁来做。",
    "How many at a time.": "同时做几个。",
    "as many as there are cores": "有几个核就几个",
    "Of a Ray cluster; without it Ray is started on this machine for the run.": (
        "Ray 集群的地址；不写就在本机临时启动 Ray。"
    ),
    "That each Ray task takes.": "每个 Ray 任务用几块 GPU。",
    "Write the files into this folder.": "把文件写到这个文件夹。",
}
"""Every help text of an option, and the defaults that are words."""

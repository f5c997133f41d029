"""Fashion-MNIST: 70,000 small pictures of clothes, in MNIST's form; harder than digits.

Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747, https://github.com/zalandoresearch/fashion-mnist.
The checksums are those of TensorFlow Datasets, for the files as published: compressed.
"""

from __future__ import annotations

from halfbrain.learning.published import Digits, File, Published, Told, load_published

FASHION = Published(
    "fashion-mnist",
    "Fashion-MNIST",
    ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    {
        "train_images": File(
            "train-images-idx3-ubyte",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            None,
            60_000,
        ),
        "train_labels": File(
            "train-labels-idx1-ubyte",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            60_000,
        ),
        "test_images": File(
            "t10k-images-idx3-ubyte",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            None,
            10_000,
        ),
        "test_labels": File(
            "t10k-labels-idx1-ubyte",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            10_000,
        ),
    },
)


def load_fashion_mnist(told: Told = lambda name, done, total: None) -> Digits:
    """Fashion-MNIST, from ``HALFBRAIN_DATA``, or the cache, or its home.

    Raises
    ------
    DataError
        one line, if it is not to be had or is not what was published.
    """
    return load_published(FASHION, told)

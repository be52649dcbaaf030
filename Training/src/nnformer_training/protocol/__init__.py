"""The paper's protocol: how well networks are estimated within the families of training, and in a family left out.

Modules import towards the top of this list only:

``folds``                    which labels train and which test
``graphsage``                the network of NNLQP's kind that is compared with
``predictors``               everything that is compared, behind one function
``result_tables``            result files as one table
``experiments``              variations of this library's network, and their page
``measurements``, ``tables`` one fold measured and kept on disk; the page
"""

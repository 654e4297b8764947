def write(seed, folder): raise NotImplementedError

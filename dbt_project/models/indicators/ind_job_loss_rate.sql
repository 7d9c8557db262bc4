{{ no_reading('job_loss_rate', 'RATIO') }}
